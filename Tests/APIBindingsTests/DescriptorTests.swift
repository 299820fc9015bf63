import Foundation
import Testing

@testable import APIBindings

@Suite("embedded descriptors")
struct DescriptorTests {
  @Test("every file is there, with its imports before it")
  func files() {
    let names = FileDescriptors.files.map(\.name)
    #expect(Set(names).isSuperset(of: ["google/protobuf/timestamp.proto"]))
    for stem in ["catalog", "recommend", "benchmark_control"] {
      #expect(names.contains("benchfront/v1/\(stem).proto"))
    }
    let catalog = names.firstIndex(of: "benchfront/v1/catalog.proto")
    let result = names.firstIndex(of: "benchfront/v1/result.proto")
    #expect(result.map { $0 < catalog ?? 0 } == true)
    // FileDescriptorProto.name is field 1.
    for file in FileDescriptors.files {
      #expect(Array(file.bytes.prefix(2)) == [0x0a, UInt8(file.name.utf8.count)])
    }
  }
}
