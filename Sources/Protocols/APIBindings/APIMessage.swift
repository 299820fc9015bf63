import CProtobufC

/// A message of the interface as an owned value. Unknown fields are not kept.
package protocol APIMessage: Sendable, Equatable {
  /// The message read in place.
  associatedtype View: MessageView where View.Owned == Self

  /// Its name and layout.
  static var type: MessageType { get }

  /// Copies what a view shows.
  init(_ view: View)

  /// Builds protobuf-c's struct, everything below it included.
  func store(in arena: Arena) -> StoredMessage
}

/// A message read in place, without a copy; keeps the arena that holds it alive.
package protocol MessageView: ViewElement {
  /// The message as an owned value.
  associatedtype Owned: APIMessage where Owned.View == Self

  /// Where it lies.
  var stored: StoredMessage { get }

  init(_ stored: StoredMessage)
}

extension MessageView {
  /// An owned copy. Where the message has a field of this name, write `Owned(view)`.
  package var value: Owned { Owned(self) }

  package static func load(_ place: Place) -> Self {
    // protobuf-c fills every place of an array of messages.
    guard let pointer = place.load(UnsafeMutableRawPointer?.self) else {
      preconditionFailure("a repeated message is never absent")
    }
    return Self(StoredMessage(place.arena, pointer))
  }
}

/// An enum of the interface: open, so that a newer peer's numbers survive.
package protocol APIEnum: Hashable, RawRepresentable, ViewElement where RawValue == Int32 {
  /// The named value, or `unrecognized`.
  init(rawValue: Int32)

  /// The values that have a name, as the .proto orders them.
  static var known: [Self] { get }
}

extension APIEnum {
  package static func load(_ place: Place) -> Self { Self(rawValue: place.load(Int32.self)) }
}

/// Bytes of a message that may be copied once more.
private let smallSize = 512

extension APIMessage {
  /// Decodes a message into an arena of its own.
  ///
  /// Throws for what is not this message's wire format, with the path of the field.
  package static func decode(
    _ bytes: UnsafeRawBufferPointer, limits: DecodingLimits = .standard
  ) throws(DecodingFailure) -> View {
    var check = WireCheck(limits: limits)
    try check.message(bytes, type.descriptor, depth: 1)
    guard check.foundForeign else { return try unpack(bytes, limits) }
    return try decodeKnown(bytes, limits)
  }

  /// Decodes what is left without unknown fields. Apart from `decode`, which would otherwise look
  /// up the type `Result` at run time for each message.
  @inline(never)
  private static func decodeKnown(
    _ bytes: UnsafeRawBufferPointer, _ limits: DecodingLimits
  ) throws(DecodingFailure) -> View {
    let known = WireFilter.known(bytes, type.descriptor)
    return try known.withUnsafeBytes { known in
      Swift.Result { () throws(DecodingFailure) in try unpack(known, limits) }
    }.get()
  }

  private static func unpack(
    _ bytes: UnsafeRawBufferPointer, _ limits: DecodingLimits
  ) throws(DecodingFailure) -> View {
    let arena = Arena(
      limit: limits.memory(forMessageOf: bytes.count), firstChunk: min(bytes.count * 2 + 256, 65536)
    )
    let message = protobuf_c_message_unpack(
      type.descriptor, arena.allocator, bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    guard let message else {
      throw DecodingFailure(field: "", reason: arena.isExhausted ? .needsTooMuchMemory : .malformed)
    }
    return View(StoredMessage(arena, message))
  }

  /// Decodes an owned value.
  package init(
    decoding bytes: [UInt8], limits: DecodingLimits = .standard
  ) throws(DecodingFailure) {
    self = try bytes.withUnsafeBytes { buffer in
      Swift.Result { () throws(DecodingFailure) in
        Self(try Self.decode(buffer, limits: limits))
      }
    }.get()
  }

  /// The wire format. Fields at their default are left out, and so is the sign of a zero.
  package func encoded() -> [UInt8] {
    // What malloc keeps at hand for each thread has at most 1,032 bytes.
    let arena = Arena(limit: .max, firstChunk: 896)
    let message = store(in: arena).base
    let size = protobuf_c_message_get_packed_size(message)
    if size <= smallSize {
      // `Array.init` looks up its generic type at run time, which costs more than a short copy.
      let room = arena.allocate(UInt8.self, count: size)
      let written = protobuf_c_message_pack(message, room)
      var bytes: [UInt8] = []
      bytes.reserveCapacity(size)
      bytes.append(contentsOf: UnsafeBufferPointer(start: room, count: written))
      return bytes
    }
    var bytes = [UInt8](repeating: 0, count: size)
    // It writes as many bytes as it said before: nobody else has the message.
    _ = bytes.withUnsafeMutableBufferPointer { protobuf_c_message_pack(message, $0.baseAddress) }
    return bytes
  }
}
