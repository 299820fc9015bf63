import CBenchfrontAPI

/// The .proto files as protoc describes them, for reflection.
package enum FileDescriptors {
  /// One serialized google.protobuf.FileDescriptorProto, without comments.
  package struct File: Sendable {
    /// Name as imports write it, e.g. "benchfront/v1/catalog.proto".
    package let name: String
    /// The serialized message.
    package let bytes: [UInt8]
  }

  /// Every file of the interface and what it imports, imported files first.
  package static let files: [File] = {
    var files: [File] = []
    while let entry = benchfront_file_descriptor(files.count)?.pointee {
      guard let name = entry.name else { break }
      files.append(
        File(
          name: String(cString: name),
          bytes: Array(UnsafeBufferPointer(start: entry.bytes, count: entry.count))))
    }
    return files
  }()
}
