import HTTP2
import Reactor

/// A frame as it stands on the wire.
func frame(_ type: UInt8, flags: UInt8 = 0, id: Int32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
  let length = payload.count
  var bytes = [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
  withUnsafeBytes(of: id.bigEndian) { bytes.append(contentsOf: $0) }
  return bytes + payload
}

enum Raw {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let settings = frame(4)
  static let ping = frame(6, [UInt8](repeating: 7, count: 8))
  static let emptyData = frame(0, id: 1)
  static let unknown = frame(0xBE, [1, 2, 3])

  static func headers(_ id: Int32, ends: Bool = false) -> [UInt8] {
    // :method POST, :scheme http, :path /, :authority t
    frame(1, flags: ends ? 5 : 4, id: id, [0x83, 0x86, 0x84, 0x41, 0x01, 0x74])
  }

  static func data(_ id: Int32, _ count: Int = 1, ends: Bool = false) -> [UInt8] {
    frame(0, flags: ends ? 1 : 0, id: id, [UInt8](repeating: 1, count: count))
  }

  static func reset(_ id: Int32) -> [UInt8] { frame(3, id: id, [0, 0, 0, 8]) }
  static func priority(_ id: Int32) -> [UInt8] { frame(2, id: id, [0, 0, 0, 0, 9]) }

  static func windowUpdate(_ id: Int32, _ size: UInt32) -> [UInt8] {
    frame(8, id: id, withUnsafeBytes(of: size.bigEndian) { Array($0) })
  }
}

/// A clock that stands still until it is moved.
final class ManualClock {
  var time = MonotonicTime(nanoseconds: 1_000_000_000_000)
  func advance(_ duration: Duration) { time = time.advanced(by: duration) }
}

extension Side {
  /// Hands raw bytes to the session.
  func receive(_ bytes: [UInt8]) throws { try session.receive(bytes.span.bytes) }

  /// The code of the error that `body` ends with.
  static func code(_ body: () throws -> Void) -> HTTP2ErrorCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? HTTP2Error)?.wireCode
    }
  }
}
