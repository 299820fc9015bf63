import HTTP2

/// Compresses and decompresses the messages of all calls on a loop; used on that loop only.
///
/// What it keeps of zlib is made when first needed.
final class MessageCoder {
  private var inflater: Inflater?
  private var deflater: Deflater?

  /// The message of a frame, of at most `limit` bytes.
  ///
  /// - Throws: `RPCError` when it is too large or cannot be decompressed.
  func message(_ frame: MessageDeframer.Frame, limit: Int) throws(RPCError) -> [UInt8] {
    guard frame.isCompressed else { return frame.bytes }
    let inflater = if let known = self.inflater { known } else { try Inflater() }
    self.inflater = inflater
    return try inflater.inflate(frame.bytes, limit: limit)
  }

  /// A message with its prefix: compressed if that is asked for, can be had, and makes it smaller.
  func chunk(_ message: [UInt8], compressed: Bool) -> OutboundChunk {
    guard compressed, let deflater = theDeflater(), let small = deflater.deflate(message) else {
      return OutboundChunk(message: message)
    }
    return OutboundChunk(message: small, isCompressed: true)
  }

  private func theDeflater() -> Deflater? {
    // Without memory for it the message goes as it is.
    if deflater == nil { deflater = try? Deflater() }
    return deflater
  }
}
