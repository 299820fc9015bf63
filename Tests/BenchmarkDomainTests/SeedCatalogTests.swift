import BenchmarkDomain
import Testing

@Suite struct SeedCatalogTests {
  @Test("the standard matrix of every self-hosted model refers to the seed alone")
  func references() throws {
    let known = MatrixReferences(
      modelIDs: Set(SeedCatalog.models.map(\.id)),
      hardwareIDs: Set(SeedCatalog.hardware.map(\.id)),
      engineIDs: Set(SeedCatalog.engines.map(\.id)))
    let models = SeedCatalog.models.filter { $0.kind == .selfHosted }.map(\.id)
    try Matrix.standard(modelIDs: models).validate(against: known)
  }

  @Test("ids are unique and quantizations known") func consistent() {
    #expect(Set(SeedCatalog.models.map(\.id)).count == SeedCatalog.models.count)
    #expect(Set(SeedCatalog.hardware.map(\.id)).count == SeedCatalog.hardware.count)
    for engine in SeedCatalog.engines {
      #expect(engine.quantizationIDs.allSatisfy { Quantization.known($0) != nil })
    }
  }

  @Test("the hardware has 1, 2, 4 and 8 of each accelerator, and a CPU host") func hardware() {
    let ids = SeedCatalog.hardware.map(\.id)
    for accelerator in ["l4", "a100-80gb", "h100-80gb"] {
      for count in [1, 2, 4, 8] { #expect(ids.contains("\(accelerator)-x\(count)")) }
    }
    #expect(ids.contains("cpu-x1"))
  }

  @Test("hosted models carry no weights") func hosted() {
    let hosted = SeedCatalog.models.filter { $0.kind == .hosted }
    #expect(hosted.count == 2)
    #expect(hosted.allSatisfy { $0.parameterCount == 0 && !$0.provider.isEmpty })
  }
}
