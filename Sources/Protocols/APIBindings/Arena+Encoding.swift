import CProtobufC

// How values of Swift become members of protobuf-c's structs.
extension Arena {
  /// Characters with a NUL behind them. A NUL within, which protobuf-c cannot carry and every
  /// receiver of ours refuses, becomes U+FFFD.
  func store(_ string: String) -> UnsafeMutablePointer<CChar> {
    var native = string
    return native.withUTF8 { utf8 in
      guard !utf8.contains(0) else { return store(string.replacing("\0", with: "\u{FFFD}")) }
      let copy = allocate(UInt8.self, count: utf8.count + 1)
      if let base = utf8.baseAddress { copy.initialize(from: base, count: utf8.count) }
      copy[utf8.count] = 0
      return UnsafeMutableRawPointer(copy).assumingMemoryBound(to: CChar.self)
    }
  }

  func store(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    bytes.withUnsafeBufferPointer { source in
      let copy = allocate(UInt8.self, count: source.count)
      if let base = source.baseAddress { copy.initialize(from: base, count: source.count) }
      return ProtobufCBinaryData(len: source.count, data: copy)
    }
  }

  func store<M: APIMessage, C>(_ message: M?) -> UnsafeMutablePointer<C>? {
    message.map { $0.store(in: self).mutable(C.self) }
  }

  /// An array as protobuf-c wants it; nil when there is nothing in it.
  private func list<T, C>(_ values: [T], _ convert: (T) -> C) -> UnsafeMutablePointer<C>? {
    guard !values.isEmpty else { return nil }
    let array = allocate(C.self, count: values.count)
    for (index, value) in values.enumerated() {
      (array + index).initialize(to: convert(value))
    }
    return array
  }

  func store(list: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    self.list(list) { store($0) }
  }

  func store(list: [[UInt8]]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
    self.list(list) { store($0) }
  }

  func store(list: [Bool]) -> UnsafeMutablePointer<protobuf_c_boolean>? {
    self.list(list) { $0 ? 1 : 0 }
  }

  func store<M: APIMessage, C>(
    list: [M]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<C>?>? {
    self.list(list) { $0.store(in: self).mutable(C.self) }
  }

  func store<E: APIEnum, C: RawRepresentable>(
    list: [E]
  ) -> UnsafeMutablePointer<C>? where C.RawValue == UInt32 {
    guard !list.isEmpty else { return nil }
    let numbers = allocate(Int32.self, count: list.count)
    for (index, value) in list.enumerated() { numbers[index] = value.rawValue }
    // A C enum of protobuf-c is as large as an int.
    return UnsafeMutableRawPointer(numbers).bindMemory(to: C.self, capacity: list.count)
  }

  func store<N: FixedWidthInteger>(list: [N]) -> UnsafeMutablePointer<N>? {
    self.list(list) { $0 }
  }

  func store<N: BinaryFloatingPoint>(list: [N]) -> UnsafeMutablePointer<N>? {
    self.list(list) { $0 }
  }
}
