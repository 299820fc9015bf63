/// What one .proto file declares, read from its serialized google.protobuf.FileDescriptorProto.
///
/// https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto
struct FileDeclarations {
  private typealias Bytes = UnsafeRawBufferPointer

  /// The names of the files that it imports.
  private(set) var imports: [String] = []
  /// Full names of messages, fields, enums and their values, services and their methods.
  private(set) var symbols: [String] = []
  /// Extensions: the full name of the extended message, and the number.
  private(set) var extensions: [(type: String, number: Int32)] = []

  init(_ file: FileDescriptors.File) throws(DecodingFailure) {
    try file.bytes.withUnsafeBytes { bytes in
      Swift.Result { () throws(DecodingFailure) in try read(file: bytes) }
    }.get()
  }

  private mutating func read(file: Bytes) throws(DecodingFailure) {
    let package = try Self.text(2, of: file)
    let scope = package.isEmpty ? "" : package + "."
    for (number, content) in try Self.fields(of: file) {
      switch number {
      case 3: imports.append(Self.text(content))
      case 4: try read(message: content, in: scope)
      case 5: try read(enumeration: content, in: scope)
      case 6: try read(service: content, in: scope)
      case 7: try read(extension: content, in: scope)
      default: break
      }
    }
  }

  private mutating func read(message: Bytes, in scope: String) throws(DecodingFailure) {
    let inner = try declare(message, in: scope)
    for (number, content) in try Self.fields(of: message) {
      switch number {
      case 2, 8: _ = try declare(content, in: inner)
      case 3: try read(message: content, in: inner)
      case 4: try read(enumeration: content, in: inner)
      case 6: try read(extension: content, in: inner)
      default: break
      }
    }
  }

  /// The values of an enum are its neighbours, not its members.
  private mutating func read(enumeration: Bytes, in scope: String) throws(DecodingFailure) {
    _ = try declare(enumeration, in: scope)
    for (number, content) in try Self.fields(of: enumeration) where number == 2 {
      _ = try declare(content, in: scope)
    }
  }

  private mutating func read(service: Bytes, in scope: String) throws(DecodingFailure) {
    let inner = try declare(service, in: scope)
    for (number, content) in try Self.fields(of: service) where number == 2 {
      _ = try declare(content, in: inner)
    }
  }

  private mutating func read(extension field: Bytes, in scope: String) throws(DecodingFailure) {
    _ = try declare(field, in: scope)
    // An absolute name begins with a dot.
    let type = String(try Self.text(2, of: field).drop { $0 == "." })
    for (number, content) in try Self.fields(of: field) where number == 3 {
      var reader = WireReader(content)
      let number = try reader.number(maximumBytes: 10)
      extensions.append((type, Int32(truncatingIfNeeded: number)))
    }
  }

  /// Adds a declaration, whose name is its field 1 whatever it is; gives the scope of its members.
  private mutating func declare(
    _ declaration: Bytes, in scope: String
  ) throws(DecodingFailure) -> String {
    let name = scope + (try Self.text(1, of: declaration))
    symbols.append(name)
    return name + "."
  }

  private static func fields(
    of message: Bytes
  ) throws(DecodingFailure) -> [(number: UInt32, content: Bytes)] {
    var reader = WireReader(message)
    var fields: [(number: UInt32, content: Bytes)] = []
    while let (field, failure) = try reader.next() {
      if let failure { throw failure }
      fields.append((field.number, Bytes(rebasing: message[field.content])))
    }
    return fields
  }

  private static func text(
    _ number: UInt32, of message: Bytes
  ) throws(DecodingFailure) -> String {
    try fields(of: message).last { $0.number == number }.map { text($0.content) } ?? ""
  }

  private static func text(_ content: Bytes) -> String { String(decoding: content, as: UTF8.self) }
}
