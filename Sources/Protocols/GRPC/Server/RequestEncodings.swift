/// What a request says of compression.
struct RequestEncodings {
  /// How its compressed messages are coded.
  var request = Compression.identity
  var acceptsGzip = false
  /// Whether it says anything, so that our own encodings are of interest.
  var areNamed = false

  /// The answer to `grpc-encoding` with a name that we do not know.
  static func unknown(_ name: String) -> RPCError {
    var metadata = Metadata()
    // The name is reserved for us, so this is the way for what is not the application's.
    let (field, value) = (Array("grpc-accept-encoding".utf8), Array(Compression.accepted.utf8))
    metadata.appendReceived(field.span.bytes, value.span.bytes)
    return RPCError(
      .unimplemented, "compression '\(name)' is not supported, only \(Compression.accepted)",
      metadata: metadata)
  }
}
