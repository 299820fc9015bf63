import HTTP2
import Reactor
import Testing

@testable import GRPC

@Suite("Connections that have not introduced themselves")
struct NewcomersTests {
  private final class Silent: HTTP2ConnectionDelegate {
    func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {}
    func connectionIsReady(_ connection: HTTP2Connection) {}
    func connectionIsDraining(_ connection: HTTP2Connection) {}
    func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {}
  }

  @Test("the oldest goes when there are too many, and those that are ready do not count")
  func bound() async throws {
    let loop = try EventLoop(name: "newcomers")
    defer { loop.shutdown() }
    let left = await withCheckedContinuation { continuation in
      loop.execute { continuation.resume(returning: Self.left(on: loop)) }
    }
    #expect(left == [nil, nil, 0, nil, 2])
  }

  /// Which had to go at each of five arrivals, the second of which is ready behind the third.
  private static func left(on loop: EventLoop) -> [Int?] {
    var newcomers = Newcomers(limit: 2)
    let delegate = Silent()
    let connections = (0..<5).map { _ in
      HTTP2Connection(
        Socket(Descriptor(-1), peer: nil, loop: loop), configuration: HTTP2Configuration(),
        delegate: delegate)
    }
    return connections.enumerated().map { place, connection in
      let oldest = newcomers.enter(connection)
      if place == 2 { newcomers.leave(connections[1]) }
      return oldest.flatMap { gone in connections.firstIndex { $0 === gone } }
    }
  }
}
