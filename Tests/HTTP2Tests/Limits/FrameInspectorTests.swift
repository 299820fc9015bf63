import Reactor
import Testing

@testable import HTTP2

@Suite("Inspection of frames")
struct FrameInspectorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let frames: [[UInt8]]
    let code: HTTP2ErrorCode?

    init(_ name: String, _ code: HTTP2ErrorCode?, _ frames: [[UInt8]]) {
      (testDescription, self.frames, self.code) = (name, frames, code)
    }
  }

  private static func times(_ count: Int, _ frame: [UInt8]) -> [[UInt8]] {
    Array(repeating: frame, count: count)
  }

  private static var thousands: [[UInt8]] {
    let heads = (0..<10_000).map { (index: Int) -> [UInt8] in Raw.headers(Int32(2 * index + 1)) }
    return heads + [Raw.data(1), Raw.data(19_999)]
  }

  private static let padding = frame(0, flags: 8, id: 1, [9] + [UInt8](repeating: 0, count: 9))
  private static let everything = [
    Raw.settings, Raw.ping, Raw.headers(1), Raw.data(1), Raw.emptyData, Raw.unknown,
    Raw.priority(1), Raw.windowUpdate(1, 5), Raw.data(1, ends: true),
  ]

  private static func cancels(_ count: Int) -> [[UInt8]] {
    (0..<count).map { (index: Int) -> [UInt8] in
      let id = Int32(2 * index + 1)
      return Raw.headers(id) + Raw.reset(id)
    }
  }

  /// Calls whose answers are trailers alone, as gRPC's C core makes them.
  private static func openedCalls(_ count: Int) -> [[UInt8]] {
    (0..<count).map { (index: Int) -> [UInt8] in
      let id = Int32(2 * index + 1)
      return Raw.headers(id) + Raw.windowUpdate(id, 5) + Raw.windowUpdate(0, 5)
    }
  }

  private static func continued(_ count: Int) -> [[UInt8]] {
    [frame(1, id: 1)] + times(count, frame(9, id: 1))
  }

  static let floods: [Case] = [
    Case("some of everything", nil, everything),
    Case("windows that calls open", nil, openedCalls(15_000)),
    Case("SETTINGS", .enhanceYourCalm, times(101, Raw.settings)),
    Case("acknowledgements of nothing", .enhanceYourCalm, times(2001, frame(4, flags: 1))),
    Case("answers to no PING", .enhanceYourCalm, times(2001, frame(6, flags: 1, Array(0..<8)))),
    Case("empty DATA", .enhanceYourCalm, [Raw.headers(1)] + times(2001, Raw.emptyData)),
    Case("DATA of padding alone", .enhanceYourCalm, [Raw.headers(1)] + times(2001, padding)),
    Case("PRIORITY", .enhanceYourCalm, times(2001, Raw.priority(7))),
    Case("unknown frames", .enhanceYourCalm, times(2001, Raw.unknown)),
    Case("WINDOW_UPDATE", .enhanceYourCalm, times(20_001, Raw.windowUpdate(0, 1))),
    Case("5,000 cancelled calls", nil, cancels(5000)),
    Case("30,000 cancelled calls", .enhanceYourCalm, cancels(30_000)),
    Case("a header block of ten frames", .enhanceYourCalm, continued(9)),
    Case("a header block of nine frames", nil, continued(8)),
  ]

  static let streams: [Case] = [
    Case("ids may be skipped", nil, [Raw.headers(1), Raw.headers(101), Raw.headers(103)]),
    Case("an id below the last", .protocolError, [Raw.headers(5), Raw.headers(3)]),
    Case(
      "headers on a stream that ended", .streamClosed,
      [
        Raw.headers(1, ends: true), Raw.headers(3), Raw.headers(1),
      ]),
    Case(
      "headers on a stream that was reset", .streamClosed,
      [
        Raw.headers(1), Raw.reset(1), Raw.headers(1),
      ]),
    Case("data on a stream that ended", .streamClosed, [Raw.headers(1, ends: true), Raw.data(1)]),
    Case(
      "data on a stream that was reset", .streamClosed,
      [
        Raw.headers(1), Raw.reset(1), Raw.data(1),
      ]),
    Case(
      "data after the last data", .streamClosed,
      [
        Raw.headers(1), Raw.data(1, ends: true), Raw.data(1),
      ]),
    Case("trailers end a stream", nil, [Raw.headers(1), Raw.data(1), Raw.headers(1, ends: true)]),
    Case(
      "other frames on a stream that ended", nil,
      [
        Raw.headers(1, ends: true), Raw.windowUpdate(1, 9), Raw.priority(1), Raw.reset(1),
      ]),
    Case("data on an idle stream is the library's", nil, [Raw.headers(1), Raw.data(9)]),
    Case("thousands of open streams", nil, thousands),
  ]

  @Test("floods end, real traffic does not", arguments: floods + streams, [9, 65_536])
  func cases(one: Case, pieceBytes: Int) {
    let clock = ManualClock()
    var inspector = FrameInspector(isServer: true, configuration: .init()) { clock.time }
    let bytes = Raw.preface + one.frames.joined()
    let code = Self.inspect(bytes, pieceBytes, &inspector)
    #expect(code == one.code)
  }

  @Test("heads are read wherever they are cut")
  func cutAnywhere() {
    let bytes = Raw.preface + Raw.headers(5) + Raw.data(5, 300) + Raw.settings + Raw.headers(3)
    for pieceBytes in 1...30 {
      var inspector = FrameInspector(isServer: true, configuration: .init()) { .now() }
      #expect(Self.inspect(bytes, pieceBytes, &inspector) == .protocolError)
    }
  }

  @Test("what we cut may still be sent on")
  func cut() throws {
    var inspector = FrameInspector(isServer: true, configuration: .init()) { .now() }
    #expect(Self.inspect(Raw.preface + Raw.headers(1) + Raw.headers(3), 99, &inspector) == nil)
    try inspector.sentReset(1, .cancel, isOurs: true)
    #expect(Self.inspect(Raw.data(1) + Raw.headers(1, ends: true), 99, &inspector) == nil)
  }

  @Test("mistakes that make us reset streams have a budget, our own resets have none")
  func provokedResets() throws {
    let clock = ManualClock()
    var inspector = FrameInspector(isServer: true, configuration: .init()) { clock.time }
    for id in 1...1000 {
      try inspector.sentReset(Int32(id), .protocolError, isOurs: true)
      try inspector.sentReset(Int32(id), .cancel, isOurs: false)
      try inspector.sentReset(Int32(id), .refusedStream, isOurs: false)
    }
    for id in 1...200 { try inspector.sentReset(Int32(id), .protocolError, isOurs: false) }
    #expect(throws: ConnectionFault.self) {
      try inspector.sentReset(1, .protocolError, isOurs: false)
    }
    clock.advance(.seconds(1))
    try inspector.sentReset(1, .protocolError, isOurs: false)
  }

  private static func inspect(
    _ bytes: [UInt8], _ pieceBytes: Int, _ inspector: inout FrameInspector
  ) -> HTTP2ErrorCode? {
    do throws(ConnectionFault) {
      var start = 0
      while start < bytes.count {
        let piece = Array(bytes[start..<min(start + pieceBytes, bytes.count)])
        var failure: ConnectionFault?
        piece.withUnsafeBytes { buffer in
          do throws(ConnectionFault) { try inspector.inspect(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        start += pieceBytes
      }
      return nil
    } catch {
      return error.code
    }
  }
}
