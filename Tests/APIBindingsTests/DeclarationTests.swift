import Testing

@testable import APIBindings

@Suite("declarations of files")
struct DeclarationTests {
  /// As protoc makes it of `extend test.Base { string note = 1001; }` and a message with another.
  private var file: FileDescriptors.File {
    let note = field(1, Array("note".utf8)) + field(2, Array(".test.Base".utf8)) + [0x18, 0xe9, 7]
    let inner = field(1, Array("inner".utf8)) + field(2, Array(".test.Base".utf8)) + [0x18, 5]
    let base = field(1, Array("Base".utf8))
    let holder = field(1, Array("Holder".utf8)) + field(6, inner)
    return .init(
      name: "test.proto",
      bytes: field(1, Array("test.proto".utf8)) + field(2, Array("test".utf8)) + field(4, base)
        + field(4, holder) + field(7, note)
        + field(6, field(1, Array("Service".utf8))))
  }

  @Test("extensions are found by the message that they extend")
  func extensions() throws {
    let declared = try FileDeclarations(file)
    #expect(
      declared.symbols.contains("test.note") && declared.symbols.contains("test.Holder.inner"))
    let index = DescriptorIndex(services: ["test.Service"], files: [file])
    #expect(index.extensionNumbers(of: "test.Base") == [5, 1001])
    #expect(index.extensionNumbers(of: "test.Holder") == [])
    #expect(index.extensionNumbers(of: "test.Other") == nil)
    #expect(index.files(declaringExtension: 1001, of: "test.Base") == [file.bytes])
    #expect(index.files(declaringExtension: 6, of: "test.Base") == nil)
  }

  @Test("a file that serves nothing is left out")
  func otherServices() {
    let index = DescriptorIndex(services: ["test.Other"], files: [file])
    #expect(index.files(named: "test.proto") == nil)
    #expect(index.files(declaring: "test.Service") == nil)
  }
}
