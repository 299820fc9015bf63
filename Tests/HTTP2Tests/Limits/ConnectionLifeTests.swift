import Reactor
import Testing

@testable import HTTP2

@Suite("A connection's time")
struct ConnectionLifeTests {
  typealias Signs = ConnectionLife.Signs

  private static func settings(_ body: (inout HTTP2Configuration) -> Void) -> HTTP2Configuration {
    var configuration = HTTP2Configuration()
    configuration.keepaliveInterval = nil
    configuration.maxIdle = nil
    configuration.messageTimeout = .seconds(100_000)
    configuration.stallTimeout = .seconds(100_000)
    body(&configuration)
    return configuration
  }

  /// What comes up until `limit`, each with the second it came in.
  private static func run(
    _ life: inout ConnectionLife, until limit: Int, _ signs: (Int) -> Signs = { _ in Signs() }
  ) -> [String] {
    var told: [String] = []
    while true {
      let second = Int(life.deadline.nanoseconds / 1_000_000_000)
      guard life.deadline.nanoseconds < UInt64(limit) * 1_000_000_000 else { return told }
      for duty in life.duties(at: life.deadline, signs(second)) {
        switch duty {
        case .ping: told.append("\(second) ping")
        case .ageStreams: told.append("\(second) age")
        case .drain(let why): told.append("\(second) drain: \(why.message)")
        case .abort(let why): return told + ["\(second) abort: \(why.message)"]
        }
      }
    }
  }

  private static func life(
    _ configuration: HTTP2Configuration, isServer: Bool = true, jitter: Double = 0
  ) -> ConnectionLife {
    let start = MonotonicTime(nanoseconds: 0)
    var life = ConnectionLife(configuration, isServer: isServer, now: start)
    life.becameReady(at: start, jitter: jitter)
    return life
  }

  @Test("a peer that does not introduce itself is left")
  func greeting() {
    var life = ConnectionLife(.init(), isServer: true, now: MonotonicTime(nanoseconds: 0))
    #expect(Self.run(&life, until: 1000) == ["10 abort: no SETTINGS in time"])
  }

  @Test("a quiet peer is probed, and left when it does not answer")
  func keepalive() {
    let configuration = Self.settings { $0.keepaliveInterval = .seconds(30) }
    var life = Self.life(configuration)
    #expect(Self.run(&life, until: 1000) == ["30 ping", "50 abort: the peer does not answer"])
    var answering = Self.life(configuration)
    let told = Self.run(&answering, until: 200) { second in
      Signs(receivedReads: second >= 45 ? 1 : 0)
    }
    #expect(told == ["30 ping", "90 ping", "110 abort: the peer does not answer"])
  }

  @Test("a peer that takes what we send is alive, though it says nothing")
  func readingPeer() {
    var life = Self.life(Self.settings { $0.keepaliveInterval = .seconds(30) })
    #expect(
      Self.run(&life, until: 500) { Signs(openStreams: 1, sentBytes: $0, waitingBytes: 1) } == [])
  }

  @Test("a client leaves a connection without calls in peace")
  func quietClient() {
    let configuration = Self.settings { $0.keepaliveInterval = .seconds(30) }
    var life = Self.life(configuration, isServer: false)
    #expect(Self.run(&life, until: 500) == [])
    #expect(
      Self.run(&life, until: 531) { _ in Signs(openStreams: 1) }.first?.hasSuffix("ping") == true)
  }

  @Test("a server says goodbye to a connection without streams, a client does not")
  func idle() {
    let configuration = Self.settings {
      $0.maxIdle = .seconds(100)
      $0.messageTimeout = .seconds(10)
    }
    var (server, client) = (Self.life(configuration), Self.life(configuration, isServer: false))
    let told = Self.run(&server, until: 300) { second in
      Signs(openStreams: second < 50 ? 1 : 0, openedStreams: 1)
    }.filter { !$0.hasSuffix("age") }
    #expect(told.first == "150 drain: the connection is idle")
    #expect(Self.run(&client, until: 300) == [])
  }

  @Test("streams that come and go between two looks keep a connection")
  func busy() {
    var life = Self.life(Self.settings { $0.maxIdle = .seconds(100) })
    #expect(Self.run(&life, until: 1000) { Signs(openedStreams: $0) } == [])
  }

  @Test("the age is spread by a tenth, and its grace ends it", arguments: [-1.0, 0.0, 1.0])
  func age(jitter: Double) {
    var life = Self.life(Self.settings { $0.maxAge = .seconds(1000) }, jitter: jitter)
    let end = 1000 + Int(jitter * 100)
    #expect(Self.run(&life, until: 5000) == ["\(end) drain: the connection has reached its age"])
    life.began(drainAt: MonotonicTime(nanoseconds: UInt64(end) * 1_000_000_000), grace: .seconds(7))
    #expect(Self.run(&life, until: 5000) == ["\(end + 7) abort: the time to drain is over"])
  }

  @Test("a peer that takes nothing of what waits is left, one that takes little is not")
  func stall() {
    let configuration = Self.settings { $0.stallTimeout = .seconds(60) }
    var life = Self.life(configuration)
    let told = Self.run(&life, until: 1000) { second in
      Signs(sentBytes: min(second, 300), waitingBytes: 1)
    }
    #expect(told == ["420 abort: the peer does not read"])
  }

  @Test("open streams are asked to look at themselves at the message timeout, others are not")
  func aging() {
    let configuration = Self.settings {
      $0.messageTimeout = .seconds(60)
      $0.stallTimeout = .seconds(25)
    }
    var life = Self.life(configuration)
    let told = Self.run(&life, until: 300) { Signs(openStreams: $0 < 200 ? 1 : 0) }
    #expect(told == ["75 age", "150 age"])
  }
}
