import CNghttp2

/// Where the bytes of a session go while they are taken out.
struct DirectOutput {
  /// Frames with fewer bytes are copied into the library's buffer, which costs less than a frame
  /// of two parts.
  static let leastBytes = 4096

  let sink: (RawSpan) -> Void
  /// Bytes that are still wanted; the last frame may exceed it.
  var room: Int
}

/// DATA of large messages goes from the stream's queue to the wire, past the library's buffer
/// (https://nghttp2.org/documentation/types.html#c.nghttp2_send_data_callback).
extension HTTP2Session {
  /// Sends a frame whose payload `fill` has promised.
  func sendDirectly(_ id: Int32, head: UnsafeRawBufferPointer, count: Int) -> Int32 {
    guard let stream = stream(id), let sink = direct?.sink else {
      return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    }
    sink(head.bytes)
    _ = take(from: stream) {
      $0.pass(count, to: sink)
      return count
    }
    direct?.room -= head.count + count
    // The library would go on as long as there is something to send.
    return direct?.room ?? 0 > 0 ? 0 : Int32(NGHTTP2_ERR_PAUSE.rawValue)
  }

  /// Takes bytes out of a stream's queue and off the account; `body` returns how many.
  func take(from stream: HTTP2Stream, _ body: (inout OutboundQueue) -> Int) -> Int {
    let count = body(&stream.outbound)
    outbound.add(-count)
    noteRoom(on: stream)
    return count
  }
}
