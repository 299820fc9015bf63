/// What a call has sent, kept for as long as another attempt may need it.
struct RequestBuffer {
  /// One message, and whether it is to be compressed if the call is for that.
  struct Message {
    let bytes: [UInt8]
    let isCompressed: Bool
  }

  private(set) var messages: [Message] = []
  /// Bytes that the channel's bound counts.
  private(set) var reservedBytes = 0

  /// Keeps one more; a message for which there is no room is kept until it is sent.
  mutating func append(_ message: Message, isReserved: Bool) {
    messages.append(message)
    if isReserved { reservedBytes += message.bytes.count }
  }

  mutating func removeAll() { self = RequestBuffer() }
}
