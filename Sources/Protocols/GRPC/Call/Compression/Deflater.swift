import CZlib

/// Does gzip (RFC 1952), message by message, with zlib (https://zlib.net/manual.html).
///
/// One serves all calls of a loop; it keeps some 270 KB.
final class Deflater {
  // zlib keeps a pointer back to its stream, so that one must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  /// - Throws: `RPCError` when memory is short.
  init() throws(RPCError) {
    stream.initialize(to: z_stream())
    // The fastest level: a server's time costs more than the last percents of size. 15 bits of
    // window, and 16 for a gzip header instead of zlib's.
    let code = deflateInit2_(
      stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      throw RPCError(.resourceExhausted, "there is no memory to compress messages")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// The compressed message; nil when it would not be smaller.
  func deflate(_ message: [UInt8]) -> [UInt8]? {
    guard message.count > 1, message.count <= UInt32.max, deflateReset(stream) == Z_OK else {
      return nil
    }
    var isWhole = false
    let output = [UInt8](unsafeUninitializedCapacity: message.count - 1) { buffer, count in
      message.withUnsafeBufferPointer { input in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        isWhole = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
        count = buffer.count - Int(stream.pointee.avail_out)
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
      }
    }
    guard isWhole else { return nil }
    // What waits for the peer shall take the room of its bytes, not of those it stands for.
    return output.count < message.count / 2 ? Array(output[...]) : output
  }
}
