import CProtobufC

/// Where a message lies: its struct, and the arena that it lives in and keeps alive.
package struct StoredMessage: @unchecked Sendable {  // the arena is only read from here on
  let arena: Arena
  let pointer: UnsafeRawPointer

  init(_ arena: Arena, _ pointer: UnsafeMutableRawPointer) {
    self.arena = arena
    self.pointer = UnsafeRawPointer(pointer)
  }

  /// The struct, typed as the descriptor says.
  func `struct`<C>(_ type: C.Type) -> UnsafePointer<C> {
    pointer.assumingMemoryBound(to: type)
  }

  func mutable<C>(_ type: C.Type) -> UnsafeMutablePointer<C> {
    UnsafeMutableRawPointer(mutating: pointer).assumingMemoryBound(to: type)
  }

  var base: UnsafePointer<ProtobufCMessage> { `struct`(ProtobufCMessage.self) }

  func string(_ characters: UnsafeMutablePointer<CChar>?) -> StringView {
    StringView(characters, arena)
  }

  func bytes(_ data: ProtobufCBinaryData) -> BytesView { BytesView(data, arena) }

  func message<V: MessageView, C>(_ pointer: UnsafeMutablePointer<C>?) -> V? {
    pointer.map { V(StoredMessage(arena, $0)) }
  }

  func list<E: ViewElement, C>(
    _ first: UnsafeMutablePointer<C>?, count: Int
  ) -> RepeatedView<E> {
    RepeatedView(arena: arena, first: UnsafeRawPointer(first), count: first == nil ? 0 : count)
  }
}

/// A type of message: its name, and protobuf-c's description of it.
package struct MessageType: @unchecked Sendable {  // points to constants of the C library
  /// Full name, e.g. "benchfront.v1.Model".
  package let name: String
  let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

  /// Reads the descriptor's address where the generated initializer writes it.
  init<C>(name: String, _ type: C.Type, _ initialize: (UnsafeMutablePointer<C>?) -> Void) {
    self.name = name
    let instance = UnsafeMutablePointer<C>.allocate(capacity: 1)
    defer { instance.deallocate() }
    initialize(instance)
    descriptor = UnsafeRawPointer(instance)
      .load(as: UnsafePointer<ProtobufCMessageDescriptor>.self)
  }
}

/// A copy of protobuf-c's characters, which were checked to be UTF-8.
func copied(_ characters: UnsafeMutablePointer<CChar>?) -> String {
  characters.map { String(cString: $0) } ?? ""
}

func copied(_ data: ProtobufCBinaryData) -> [UInt8] {
  guard let start = data.data else { return [] }
  // `Array.init` looks up its generic type at run time, this does not.
  var copy: [UInt8] = []
  copy.reserveCapacity(data.len)
  copy.append(contentsOf: UnsafeBufferPointer(start: start, count: data.len))
  return copy
}
