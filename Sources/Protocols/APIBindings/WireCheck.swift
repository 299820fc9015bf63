import CProtobufC
import Glibc

/// Walks a message before protobuf-c does, for what protobuf-c does not look at: UTF-8, NUL,
/// depth. Also tells which field is wrong, which protobuf-c does not say.
struct WireCheck {
  private let limits: DecodingLimits
  /// True when a field is unknown or has another wire type than its own, which makes it unknown.
  private(set) var foundForeign = false

  init(limits: DecodingLimits) { self.limits = limits }

  /// Checks one message and everything within it.
  mutating func message(
    _ bytes: UnsafeRawBufferPointer, _ type: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int
  ) throws(DecodingFailure) {
    guard depth <= limits.depth else { throw WireReader.failure(.tooDeep) }
    var reader = WireReader(bytes)
    while let (field, failure) = try reader.next() {
      let known = FieldType(type, field.number)
      if let failure { throw located(failure, known, field, bytes, type) }
      guard let known, known.accepts(field.wireType) else {
        foundForeign = true
        continue
      }
      guard field.wireType == 2 else { continue }
      do throws(DecodingFailure) {
        try content(UnsafeRawBufferPointer(rebasing: bytes[field.content]), known, depth: depth)
      } catch {
        throw located(error, known, field, bytes, type)
      }
    }
  }

  /// Checks a string, a message or packed numbers.
  private mutating func content(
    _ bytes: UnsafeRawBufferPointer, _ type: FieldType, depth: Int
  ) throws(DecodingFailure) {
    if let message = type.message {
      try self.message(bytes, message, depth: depth + 1)
    } else if type.isString {
      try string(bytes)
    } else if type.wireType != 2 {
      try packed(bytes, elementWireType: type.wireType)
    }
  }

  private func string(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    guard memchr(start, 0, bytes.count) == nil else { throw WireReader.failure(.containsNUL) }
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
    } catch {
      throw WireReader.failure(.invalidUTF8)
    }
  }

  private func packed(
    _ bytes: UnsafeRawBufferPointer, elementWireType: UInt8
  ) throws(DecodingFailure) {
    guard elementWireType == 0 else {
      let size = elementWireType == 1 ? 8 : 4
      guard bytes.count % size == 0 else { throw WireReader.failure(.truncated) }
      return
    }
    var reader = WireReader(bytes)
    while reader.position < bytes.count { _ = try reader.number(maximumBytes: 10) }
  }

  /// The failure with this field's name before what it names so far. Only on the way out does
  /// anybody count which element of a list it was.
  private func located(
    _ failure: DecodingFailure, _ type: FieldType?, _ field: WireReader.Field,
    _ bytes: UnsafeRawBufferPointer, _ message: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> DecodingFailure {
    guard let type else { return failure }
    var path = type.name
    if type.isRepeated { path += "[\(Self.elements(of: field, in: bytes))]" }
    if !failure.field.isEmpty { path += "." + failure.field }
    return DecodingFailure(field: path, reason: failure.reason)
  }

  /// How many fields of the same number lie before it.
  private static func elements(
    of field: WireReader.Field, in bytes: UnsafeRawBufferPointer
  ) -> Int {
    var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[..<field.start]))
    var count = 0
    // What lies before it was read once already, so nothing throws.
    while let (earlier, _) = try? reader.next() {
      if earlier.number == field.number { count += 1 }
    }
    return count
  }
}

/// Leaves out what is not a field of the message: protobuf-c fails on a known number with another
/// wire type, where the specification has it treated as unknown.
enum WireFilter {
  /// A checked message without its unknown fields, at every depth.
  static func known(
    _ bytes: UnsafeRawBufferPointer, _ type: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var reader = WireReader(bytes)
    // The whole was read once already, so nothing throws.
    while let (field, _) = try? reader.next() {
      guard let known = FieldType(type, field.number), known.accepts(field.wireType) else {
        continue
      }
      guard let message = known.message else {
        kept += bytes[field.start..<field.content.upperBound]
        continue
      }
      let content = self.known(UnsafeRawBufferPointer(rebasing: bytes[field.content]), message)
      append(field.number << 3 | 2, to: &kept)
      append(UInt32(content.count), to: &kept)
      kept += content
    }
    return kept
  }

  private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest | 0x80))
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
