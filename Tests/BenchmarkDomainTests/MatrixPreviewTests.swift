import BenchmarkDomain
import Testing

@Suite struct MatrixPreviewTests {
  private struct Abandoned: Error {}

  private let feasibility = Feasibility(models: [], hardware: [], engines: [])

  /// 10,000 combinations of one stem.
  private var large: Matrix {
    var matrix = small()
    matrix.hardwareIDs = ["l4-x1"]
    matrix.quantizationIDs = ["fp16"]
    matrix.workloads[0].inputTokens = Array(1...100)
    matrix.workloads[0].concurrency = Array(1...100)
    return matrix
  }

  @Test("a walk comes to a checkpoint once in a thousand combinations, left out ones among them")
  func checkpoints() throws {
    var matrix = large
    var rule = MatrixRule()
    rule.concurrency = Array(1...100)
    matrix.exclude = [rule]
    var count = 0
    let preview = try matrix.preview(feasibility) { count += 1 }
    #expect(preview.configurationCount == 0)
    #expect((9...20).contains(count))
    #expect(throws: Abandoned.self) { try matrix.preview(feasibility) { throw Abandoned() } }
  }

  @Test("stems that are left out whole count towards the checkpoints")
  func stemCheckpoints() throws {
    var matrix = small()
    matrix.modelIDs = (1...3_000).map { "m\($0)" }
    var rule = MatrixRule()
    rule.engineIDs = ["vllm"]
    matrix.exclude = [rule]
    var count = 0
    #expect(try matrix.preview(feasibility) { count += 1 }.configurationCount == 0)
    #expect(count >= 10)
  }

  @Test("a count that has a limit ends one above it")
  func limit() throws {
    var count = 0
    let preview = try large.preview(feasibility, sampleSize: 10, limit: 10) { count += 1 }
    #expect(preview.configurationCount == 11)
    #expect(preview.samples.count == 10)
    #expect(count == 0)
    #expect(try large.preview(feasibility, limit: 10_000).configurationCount == 10_000)
  }
}
