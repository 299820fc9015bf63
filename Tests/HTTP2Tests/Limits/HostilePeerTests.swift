import Reactor
import Testing

@testable import HTTP2

@Suite("A session and a hostile peer")
struct HostilePeerTests {
  /// A server session that has heard a client's preface.
  private func server(
    _ configuration: HTTP2Configuration = .init(), clock: ManualClock = ManualClock()
  ) throws -> Side {
    let side = try Side(.server, configuration, clock: { clock.time })
    try side.receive(Raw.preface + Raw.settings)
    _ = try side.output()
    try side.receive(frame(4, flags: 1))
    return side
  }

  /// Feeds what `make` gives, round by round, reading the answers, until the session gives up.
  private func code(
    _ side: Side, rounds: Int, _ make: (Int32) -> [UInt8]
  ) -> (code: HTTP2ErrorCode?, rounds: Int) {
    for round in 0..<rounds {
      let code = Side.code {
        try side.receive(make(Int32(2 * round + 1)))
        _ = try side.output()
      }
      if let code { return (code, round) }
    }
    return (nil, rounds)
  }

  @Test("a client that cancels 5,000 calls is served on")
  func cancels() throws {
    let side = try server()
    let result = code(side, rounds: 5000) { Raw.headers($0) + Raw.reset($0) }
    #expect(result.code == nil)
    #expect(side.handlers.count == 5000 && side.session.openStreams == 0)
  }

  /// Ways to make a server reset a stream (CVE-2025-8671).
  enum Mistake: CaseIterable, Sendable {
    case windowOverflow, badTrailers, emptyName, contentLength, upperCase
    case doublePseudoHeader

    func frames(_ id: Int32) -> [UInt8] {
      let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 0x01, 0x74]
      return switch self {
      case .windowOverflow: Raw.headers(id) + Raw.windowUpdate(id, 0x7FFF_FFFF)
      case .badTrailers: Raw.headers(id) + frame(1, flags: 5, id: id, [0x84])
      case .emptyName: frame(1, flags: 4, id: id, block + [0x00, 0x00, 0x01, 0x61])
      case .contentLength:
        frame(1, flags: 4, id: id, block + [0x0F, 0x0D, 0x01, 0x31]) + Raw.data(id, 2, ends: true)
      case .upperCase: frame(1, flags: 4, id: id, block + [0x00, 0x01, 0x58, 0x01, 0x61])
      case .doublePseudoHeader: frame(1, flags: 4, id: id, block + [0x84])
      }
    }
  }

  @Test("resets that the peer provokes have a budget", arguments: Mistake.allCases)
  func provokedResets(mistake: Mistake) throws {
    let side = try server()
    let result = code(side, rounds: 1000) { mistake.frames($0) }
    #expect(result.code == .enhanceYourCalm)
    #expect(result.rounds == 200)
  }

  @Test(
    "SETTINGS that make a stream's window too large end the connection", arguments: [1, 65_536])
  func windowBySettings(pieceBytes: Int) throws {
    let side = try server()
    // 65,535 at first; one byte is left to the largest window.
    try side.receive(Raw.headers(1) + Raw.windowUpdate(1, 0x7FFF_FFFF - 65_536))
    _ = try side.output()
    func initialWindow(_ size: UInt32) -> [UInt8] {
      frame(4, [0, 4] + withUnsafeBytes(of: size.bigEndian) { Array($0) })
    }
    func feed(_ bytes: [UInt8]) throws {
      for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
        try side.receive(Array(bytes[start..<min(bytes.count, start + pieceBytes)]))
        _ = try side.output()
      }
    }
    try feed(initialWindow(65_536))
    #expect(side.session.openStreams == 1)
    #expect(Side.code { try feed(initialWindow(65_537)) } == .flowControlError)
  }

  @Test("an empty WINDOW_UPDATE ends the connection at once")
  func emptyWindowUpdate() throws {
    let side = try server()
    try side.receive(Raw.headers(1) + Raw.windowUpdate(1, 0))
    _ = try side.output()
    #expect(side.session.isFinished)
  }

  @Test("a client that pings without end is told that there are too many pings")
  func pings() throws {
    let pair = try Pair()
    try pair.run()
    for _ in 0..<3 {
      pair.client.session.ping()
      try pair.run()
    }
    pair.client.session.ping()
    #expect(Side.code { try pair.run() } == .enhanceYourCalm)
  }

  @Test("answers wipe out the strikes of a client's pings")
  func pingsBetweenAnswers() throws {
    let pair = try Pair { $0.onHeaders = { stream, _ in stream.respond(.ok, endsStream: true) } }
    for _ in 0..<50 {
      _ = try pair.client.request()
      pair.client.session.ping()
      try pair.run()
    }
    #expect(pair.client.pingAnswers == 50)
  }

  @Test("what a peer does not read ends its connection before it fills the memory")
  func unreadFrames() throws {
    var configuration = HTTP2Configuration()
    configuration.settingsRate = EventRate(burst: .max, perSecond: 0)
    configuration.maxQueuedFrames = 1000
    let settings = try server(configuration)
    #expect(
      Side.code { for _ in 0..<2000 { try settings.receive(Raw.settings) } } == .enhanceYourCalm)
  }

  @Test("resets that a peer does not read end its connection when its streams are used up")
  func unreadResets() throws {
    let side = try server()
    for index in 0..<2000 {
      let id = Int32(2 * index + 1)
      try side.receive(Raw.headers(id) + Raw.windowUpdate(id, 0x7FFF_FFFF))
    }
    _ = try side.output()
    #expect(side.session.isFinished)
    #expect(side.handlers.count <= 256)
  }

  @Test("a header list with too many fields is not delivered")
  func manyFields() throws {
    let side = try server()
    let fields =
      [UInt8](repeating: 0x87, count: 0)
      + (0..<125).flatMap { _ -> [UInt8] in
        [0x00, 0x01, 0x78, 0x01, 0x61]
      }
    let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 0x01, 0x74]
    try side.receive(frame(1, flags: 4, id: 1, block + fields.prefix(124 * 5)))
    #expect(side.handlers[0].headers.count == 1)
    try side.receive(frame(1, flags: 4, id: 3, block + fields))
    #expect(side.handlers[1].isTooLarge && side.handlers[1].headers.isEmpty)
  }

  @Test("a small block that unfolds into a huge list ends the connection")
  func headerBomb() throws {
    let side = try server()
    // One field of 4,000 bytes goes into the table; each later byte repeats it.
    let name: [UInt8] =
      [0x40, 0x01, 0x78, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 0x61, count: 4000)
    let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 0x01, 0x74]
    try side.receive(frame(1, flags: 4, id: 1, block + name))
    let bomb = frame(1, flags: 4, id: 3, block + [UInt8](repeating: 0xBF, count: 10_000))
    #expect(Side.code { try side.receive(bomb) } == .enhanceYourCalm)
  }

  @Test("a header block in many frames ends the connection, however its bytes are cut")
  func continuations() throws {
    let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 0x01, 0x74]
    let long = frame(1, id: 1, block) + (0..<8).flatMap { _ in frame(9, id: 1) }
    let side = try server()
    for byte in frame(1, id: 1, block) + (0..<7).flatMap({ _ in frame(9, id: 1) })
      + frame(9, flags: 4, id: 1)
    { try side.receive([byte]) }
    #expect(side.handlers.count == 1)
    let other = try server()
    #expect(Side.code { try other.receive(long + frame(9, id: 1)) } == .enhanceYourCalm)
  }

  @Test("an id below an earlier one is an error of the connection")
  func lowerStream() throws {
    let side = try server()
    try side.receive(Raw.headers(5))
    #expect(Side.code { try side.receive(Raw.headers(3)) } == .protocolError)
  }

  @Test("the goodbye of a failed session is a GOAWAY that a client understands")
  func farewell() throws {
    let client = try Side(.client)
    _ = try client.output()
    let server = try Side(.server)
    try client.receive(try server.output())
    try client.receive(server.session.farewell(.enhanceYourCalm, "too_many_pings"))
    #expect(client.goAways == [.enhanceYourCalm])
    #expect(client.goodbyes == ["too_many_pings"])
  }
}
