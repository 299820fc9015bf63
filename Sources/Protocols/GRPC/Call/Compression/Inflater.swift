import CZlib

/// Undoes gzip (RFC 1952), message by message, with zlib (https://zlib.net/manual.html).
///
/// One serves all calls of a loop; it keeps some 70 KB.
final class Inflater {
  private static let pieceBytes = 32_768
  /// What every gzip file begins with, and its only method.
  private static let magic: [UInt8] = [0x1f, 0x8b, 8]
  /// No byte of deflate stands for more (https://zlib.net/zlib_tech.html).
  private static let mostRatio = 1_032

  // zlib keeps a pointer back to its stream, so that one must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: pieceBytes)

  /// - Throws: `RPCError` when memory is short.
  init() throws(RPCError) {
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header instead of zlib's.
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      throw RPCError(.resourceExhausted, "there is no memory to decompress messages")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    piece.deallocate()
  }

  /// The message, which may be several gzip members one after the other.
  ///
  /// The result grows as the data comes, and never beyond `limit`.
  /// - Throws: `RPCError`: RESOURCE_EXHAUSTED over the limit, INTERNAL for what is not gzip.
  func inflate(_ message: [UInt8], limit: Int) throws(RPCError) -> [UInt8] {
    // The last four bytes of a member state its size: an honest bomb costs nothing. Where they
    // cannot be true, something is missing or behind it, and inflating tells what.
    let possible = limit + 1..<max(limit + 2, Self.mostRatio * message.count)
    if message.starts(with: Self.magic), possible.contains(Self.statedBytes(message)) {
      throw Self.tooLarge(limit)
    }
    var output: [UInt8] = []
    var failure: RPCError?
    message.withUnsafeBufferPointer { input in
      failure = run(input, limit, &output)
    }
    if let failure { throw failure }
    return output
  }

  private static func statedBytes(_ message: [UInt8]) -> Int {
    message.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func run(
    _ input: UnsafeBufferPointer<UInt8>, _ limit: Int, _ output: inout [UInt8]
  ) -> RPCError? {
    guard inflateReset(stream) == Z_OK else { return Self.broken("cannot be decompressed") }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    defer {
      stream.pointee.next_in = nil
      stream.pointee.avail_in = 0
    }
    while true {
      stream.pointee.next_out = piece
      stream.pointee.avail_out = UInt32(Self.pieceBytes)
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      let made = Self.pieceBytes - Int(stream.pointee.avail_out)
      guard made <= limit - output.count else { return Self.tooLarge(limit) }
      output.append(contentsOf: UnsafeBufferPointer(start: piece, count: made))
      switch code {
      case Z_OK: break
      case Z_STREAM_END:
        if stream.pointee.avail_in == 0 { return nil }
        guard inflateReset(stream) == Z_OK else { return Self.broken("cannot be decompressed") }
      case Z_BUF_ERROR: return Self.broken("is cut short")
      case Z_MEM_ERROR:
        return RPCError(.resourceExhausted, "there is no memory to decompress a message")
      default: return Self.broken("is not gzip")
      }
    }
  }

  private static func broken(_ what: String) -> RPCError {
    RPCError(.internalError, "the compressed message \(what)")
  }

  private static func tooLarge(_ limit: Int) -> RPCError {
    RPCError(.resourceExhausted, "the message is larger than \(limit) bytes when decompressed")
  }
}
