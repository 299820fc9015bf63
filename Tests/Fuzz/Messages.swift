import APIBindings

/// Decodes the input as the message that its first two bytes choose; what can be decoded is the
/// same after another round trip.
@Sendable func fuzzMessages(_ input: UnsafeRawBufferPointer) {
  guard input.count >= 2 else { return }
  let types = APIMessages.all
  let type = types[(Int(input[0]) << 8 | Int(input[1])) % types.count]
  roundTrip(type, Array(input.dropFirst(2)))
}

private func roundTrip<Message: APIMessage>(_ type: Message.Type, _ bytes: [UInt8]) {
  guard let message = try? Message(decoding: bytes) else { return }
  let encoded = message.encoded()
  guard let again = try? Message(decoding: encoded) else {
    preconditionFailure("what was encoded cannot be decoded")
  }
  precondition(again.encoded() == encoded, "a message changes when it is encoded again")
}
