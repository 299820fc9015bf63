/// Reads what our transport has to know of a serialized `google.rpc.Status`.
///
/// https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto
enum StatusDetails {
  /// The code that the message states, 0 when it states none; nil when it cannot be read.
  static func code(_ bytes: [UInt8]) -> Int? {
    var rest = bytes[...]
    var code = 0
    while !rest.isEmpty {
      guard let tag = number(&rest) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = number(&rest) else { return nil }
        if tag >> 3 == 1 { code = Int(Int32(truncatingIfNeeded: value)) }
      case 1: guard skip(8, &rest) else { return nil }
      case 2: guard let count = number(&rest), skip(count, &rest) else { return nil }
      case 5: guard skip(4, &rest) else { return nil }
      default: return nil
      }
    }
    return code
  }

  /// A base-128 number of at most ten bytes.
  private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<10 {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func skip(_ count: UInt64, _ bytes: inout ArraySlice<UInt8>) -> Bool {
    guard count <= UInt64(bytes.count) else { return false }
    bytes = bytes.dropFirst(Int(count))
    return true
  }
}
