import CProtobufC
import Glibc

/// A string in the arena: read without a copy, valid UTF-8 without NUL.
package struct StringView: @unchecked Sendable {  // the arena is only read from here on
  private let arena: Arena
  private let characters: UnsafePointer<CChar>?

  init(_ characters: UnsafeMutablePointer<CChar>?, _ arena: Arena) {
    self.characters = UnsafePointer(characters)
    self.arena = arena
  }

  /// Length in bytes of UTF-8; counts them.
  package var utf8Count: Int { characters.map { strlen($0) } ?? 0 }

  /// True when there is nothing in it.
  package var isEmpty: Bool { characters.map { $0.pointee == 0 } ?? true }

  /// A copy.
  package var string: String { characters.map { String(cString: $0) } ?? "" }

  /// Gives the bytes of UTF-8 without a copy.
  package func withUTF8<R>(_ body: (Span<UInt8>) throws -> R) rethrows -> R {
    let start = UnsafeRawPointer(characters)?.assumingMemoryBound(to: UInt8.self)
    return try body(UnsafeBufferPointer(start: start, count: utf8Count).span)
  }
}

extension StringView: Equatable, CustomStringConvertible {
  package static func == (left: StringView, right: StringView) -> Bool {
    switch (left.characters, right.characters) {
    case (let left?, let right?): strcmp(left, right) == 0
    default: left.isEmpty && right.isEmpty
    }
  }

  /// Compares bytes, not normalized characters.
  package static func == (left: StringView, right: String) -> Bool {
    left.withUTF8 { bytes in
      bytes.withUnsafeBufferPointer { $0.elementsEqual(right.utf8) }
    }
  }

  package var description: String { string }
}

/// Bytes in the arena, read without a copy.
package struct BytesView: @unchecked Sendable {  // the arena is only read from here on
  private let arena: Arena
  private let data: ProtobufCBinaryData

  init(_ data: ProtobufCBinaryData, _ arena: Arena) {
    self.data = data
    self.arena = arena
  }

  /// How many.
  package var count: Int { data.data == nil ? 0 : data.len }

  /// True when there are none.
  package var isEmpty: Bool { count == 0 }

  /// A copy.
  package var bytes: [UInt8] { copied(data) }

  /// Gives them without a copy.
  package func withBytes<R>(_ body: (Span<UInt8>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(start: data.data, count: count).span)
  }
}

/// A repeated field, read in place.
package struct RepeatedView<Element: ViewElement>: RandomAccessCollection, @unchecked Sendable {
  // the arena is only read from here on
  let arena: Arena
  let first: UnsafeRawPointer?
  package let count: Int

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count, "index out of range")
    guard let first else { preconditionFailure("a list that counts has an address") }
    return Element.load(Place(arena: arena, first: first, index: position))
  }

  init(arena: Arena, first: UnsafeRawPointer?, count: Int) {
    self.arena = arena
    self.first = first
    self.count = count
  }
}

/// A place in one of protobuf-c's arrays.
package struct Place {
  let arena: Arena
  let first: UnsafeRawPointer
  let index: Int

  func load<C>(_ type: C.Type) -> C {
    first.load(fromByteOffset: index * MemoryLayout<C>.stride, as: type)
  }
}

/// What a repeated field may hold.
package protocol ViewElement: Sendable {
  /// The element at a place; the array's type in C follows from `Self`.
  static func load(_ place: Place) -> Self
}

extension ViewElement where Self: BitwiseCopyable {
  package static func load(_ place: Place) -> Self { place.load(Self.self) }
}

extension Int32: ViewElement {}
extension Int64: ViewElement {}
extension UInt32: ViewElement {}
extension UInt64: ViewElement {}
extension Float: ViewElement {}
extension Double: ViewElement {}

extension Bool: ViewElement {
  package static func load(_ place: Place) -> Bool { place.load(protobuf_c_boolean.self) != 0 }
}

extension StringView: ViewElement {
  package static func load(_ place: Place) -> StringView {
    StringView(place.load(UnsafeMutablePointer<CChar>?.self), place.arena)
  }
}

extension BytesView: ViewElement {
  package static func load(_ place: Place) -> BytesView {
    BytesView(place.load(ProtobufCBinaryData.self), place.arena)
  }
}
