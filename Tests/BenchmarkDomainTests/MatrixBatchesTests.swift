import BenchmarkDomain
import Testing

@Suite struct MatrixBatchesTests {
  @Test("a batch holds one model, hardware, engine and quantization, and at most 100")
  func groups() throws {
    let matrix = Matrix.standard(modelIDs: ["m"])
    let batches = Matrix.batches(try matrix.configurations())
    #expect(batches.count == 108)
    #expect(batches.allSatisfy { $0.configurations.count == 96 })
    for batch in batches {
      #expect(batch.configurations.allSatisfy { $0.hardwareID == batch.stem.hardwareID })
      #expect(batch.configurations.allSatisfy { $0.quantizationID == batch.stem.quantizationID })
    }
  }

  @Test("a group of 250 is cut into 100, 100 and 50 in its order") func cuts() throws {
    var matrix = small()
    matrix.hardwareIDs = ["l4-x1"]
    matrix.quantizationIDs = ["fp16"]
    matrix.workloads[0].concurrency = Array(1...250)
    let batches = Matrix.batches(try matrix.configurations())
    #expect(batches.map(\.configurations.count) == [100, 100, 50])
    #expect(
      batches.flatMap(\.configurations).map(\.workload.concurrency) == Array(Int32(1)...250))
  }

  @Test("what an include rule adds joins the batch of its kind") func joins() throws {
    var matrix = small()
    var rule = MatrixRule()
    rule.concurrency = [64]
    matrix.include = [rule]
    let batches = Matrix.batches(try matrix.configurations())
    #expect(batches.count == 4)
    #expect(batches.allSatisfy { $0.configurations.count == 3 })
    #expect(Matrix.batches(try matrix.configurations()) == batches)
  }
}
