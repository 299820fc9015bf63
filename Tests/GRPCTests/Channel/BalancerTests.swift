import Testing

@testable import GRPC

private func failing(_ name: String) -> Connectivity {
  .failing(RPCError(.unavailable, "\(name) is down"))
}

@Suite("pick_first")
struct PickFirstTests {
  /// The wish for the next server's turn.
  private let next = BalancerCommand.wakeAfter(.milliseconds(250))

  private func connected(to id: Int = 1) -> PickFirst {
    var balancer = PickFirst()
    _ = balancer.update([1, 2])
    _ = balancer.leaveIdle()
    if id == 2 { _ = balancer.server(1, became: failing("one")) }
    _ = balancer.server(id, became: .connecting)
    _ = balancer.server(id, became: .ready)
    return balancer
  }

  @Test("nothing is connected until somebody calls")
  func lazy() {
    var balancer = PickFirst()
    #expect(balancer.update([1, 2]) == [])
    #expect(balancer.connectivity == .idle)
    #expect(balancer.leaveIdle() == [.connect(1), next])
    #expect(balancer.connectivity == .connecting)
    #expect(balancer.pick() == nil)
  }

  @Test("the servers are tried in order, and the first that is reached takes every call")
  func inOrder() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2, 3])
    _ = balancer.leaveIdle()
    #expect(balancer.server(1, became: .connecting) == [])
    #expect(balancer.server(1, became: failing("one")) == [.connect(2), next])
    #expect(balancer.server(2, became: .connecting) == [])
    #expect(balancer.server(2, became: .ready) == [.rest(1)])
    #expect(balancer.connectivity == .ready)
    #expect((0..<3).map { _ in balancer.pick() } == [2, 2, 2])
  }

  @Test("when the connection is lost it rests, and the next call begins at the first server")
  func lost() {
    var balancer = connected(to: 2)
    _ = balancer.server(1, became: .idle)
    #expect(balancer.server(2, became: .idle) == [.resolve])
    #expect(balancer.connectivity == .idle)
    #expect(balancer.pick() == nil)
    #expect(balancer.leaveIdle() == [.connect(1), next])
  }

  @Test("a server whose connection was given up is tried last, even when it takes another at once")
  func givenUp() {
    var balancer = connected()
    #expect(balancer.server(1, became: failing("one")) == [.resolve])
    _ = balancer.server(1, became: .idle)
    #expect(balancer.leaveIdle() == [.connect(2), next])
    #expect(balancer.server(2, became: failing("two")) == [.connect(1)])
    #expect(balancer.server(1, became: .ready) == [.rest(2)])
    // It answered: from now on it stands where it stood.
    _ = balancer.server(2, became: .idle)
    _ = balancer.server(1, became: .idle)
    #expect(balancer.leaveIdle() == [.connect(1), next])
  }

  @Test("when all have failed, calls fail with all reasons and each server is tried again")
  func allFail() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2])
    _ = balancer.leaveIdle()
    _ = balancer.server(1, became: failing("one"))
    #expect(balancer.server(2, became: failing("two")) == [.resolve])
    guard case .failing(let error) = balancer.connectivity else {
      Issue.record("\(balancer.connectivity)")
      return
    }
    #expect(error.message == "no server can be reached: one is down; two is down")
    #expect(balancer.server(2, became: .idle) == [.connect(2)])
    #expect(balancer.server(2, became: .connecting) == [])
    #expect(balancer.connectivity == .failing(error))
    #expect(balancer.server(2, became: failing("two")) == [.resolve])
    #expect(balancer.server(1, became: .idle) == [.connect(1)])
    #expect(balancer.server(1, became: .ready) == [.rest(2)])
    #expect(balancer.connectivity == .ready)
  }

  @Test("a server that failed a moment ago is left out of the next pass")
  func backoffIsKept() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2])
    _ = balancer.leaveIdle()
    _ = balancer.server(1, became: failing("one"))
    #expect(balancer.server(1, became: .idle) == [])
    #expect(balancer.server(1, became: failing("one")) == [])
    #expect(balancer.server(2, became: .ready) == [.rest(1)])
    #expect(balancer.server(2, became: failing("two")) == [.resolve])
    #expect(balancer.leaveIdle() == [.resolve])
    #expect(balancer.connectivity != .connecting)
  }

  @Test("a server that says nothing does not hold up the next, and whichever is first is taken")
  func silentServer() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2, 3])
    #expect(balancer.leaveIdle() == [.connect(1), next])
    #expect(balancer.wake() == [.connect(2), next])
    #expect(balancer.wake() == [.connect(3)])
    #expect(balancer.wake() == [])
    #expect(balancer.connectivity == .connecting)
    #expect(balancer.server(3, became: .ready) == [.rest(1), .rest(2)])
    #expect(balancer.wake() == [])
    #expect(balancer.pick() == 3)
  }

  @Test("the first server is taken too when it answers behind the start of the next")
  func lateServer() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2])
    _ = balancer.leaveIdle()
    #expect(balancer.wake() == [.connect(2)])
    #expect(balancer.server(1, became: .ready) == [.rest(2)])
    #expect(balancer.pick() == 1)
  }

  @Test("only the failure of the newest attempt begins another before its time")
  func failuresOutOfTurn() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2, 3, 4])
    _ = balancer.leaveIdle()
    _ = balancer.wake()
    #expect(balancer.server(1, became: failing("one")) == [])
    #expect(balancer.server(2, became: failing("two")) == [.connect(3), next])
    #expect(balancer.server(1, became: .idle) == [])
    #expect(balancer.wake() == [.connect(4)])
    #expect(balancer.server(4, became: failing("four")) == [])
    #expect(balancer.connectivity == .connecting)
    #expect(balancer.server(3, became: failing("three")) == [.resolve, .connect(1)])
    #expect(balancer.connectivity != .connecting)
    #expect(balancer.wake() == [])
  }

  @Test("an attempt that is under way when the servers change goes on, with its time anew")
  func updateDuringAttempts() {
    var balancer = PickFirst()
    _ = balancer.update([1, 2])
    _ = balancer.leaveIdle()
    _ = balancer.wake()
    #expect(balancer.update([3, 2, 4]) == [.connect(3), next])
    #expect(balancer.wake() == [next])
    #expect(balancer.wake() == [.connect(4)])
    #expect(balancer.server(2, became: .ready) == [.rest(3), .rest(4)])
  }

  @Test("new servers do not move calls away from one that is still there")
  func update() {
    var balancer = connected()
    #expect(balancer.update([3, 1]) == [])
    #expect(balancer.pick() == 1)
    #expect(balancer.update([3, 4]) == [])
    #expect(balancer.connectivity == .idle)
    #expect(balancer.leaveIdle() == [.connect(3), next])
    #expect(balancer.update([4, 5]) == [.connect(4), next])
    _ = balancer.server(4, became: failing("four"))
    _ = balancer.server(5, became: failing("five"))
    #expect(balancer.update([4, 5, 6]) == [.connect(6)])
    #expect(balancer.server(6, became: .ready) == [.rest(4), .rest(5)])
  }

  @Test("news of a server that is gone is nothing")
  func unknown() {
    var balancer = connected()
    _ = balancer.update([1])
    #expect(balancer.server(2, became: failing("two")) == [])
    #expect(balancer.pick() == 1)
  }
}

@Suite("round_robin")
struct RoundRobinTests {
  private func connected() -> RoundRobin {
    var balancer = RoundRobin(start: 2)
    _ = balancer.update([1, 2, 3])
    for id in 1...3 {
      _ = balancer.server(id, became: .connecting)
      _ = balancer.server(id, became: .ready)
    }
    return balancer
  }

  @Test("it connects to all, and takes calls as soon as one is reached")
  func connects() {
    var balancer = RoundRobin(start: 0)
    #expect(balancer.update([1, 2]) == [.connect(1), .connect(2)])
    #expect(balancer.connectivity == .connecting)
    _ = balancer.server(1, became: failing("one"))
    #expect(balancer.connectivity == .connecting)
    _ = balancer.server(2, became: .ready)
    #expect(balancer.connectivity == .ready)
    #expect(balancer.pick() == 2)
  }

  @Test("calls go to all in turns, from any start")
  func turns() {
    var balancer = connected()
    #expect((0..<6).map { _ in balancer.pick() } == [1, 2, 3, 1, 2, 3])
    var last = RoundRobin(start: .max)
    _ = last.update([1, 2])
    _ = last.server(1, became: .ready)
    _ = last.server(2, became: .ready)
    #expect(Set((0..<4).map { _ in last.pick() }) == [1, 2])
  }

  @Test("a lost connection is made again at once, and the others take the calls")
  func lost() {
    var balancer = connected()
    #expect(balancer.server(2, became: .idle) == [.connect(2), .resolve])
    #expect(Set((0..<4).map { _ in balancer.pick() }) == [1, 3])
    #expect(balancer.server(2, became: failing("two")) == [.resolve])
    #expect(balancer.server(2, became: .idle) == [.connect(2)])
    _ = balancer.server(2, became: .ready)
    #expect(Set((0..<6).map { _ in balancer.pick() }) == [1, 2, 3])
  }

  @Test("when all fail calls fail, also while they are tried again")
  func allFail() {
    var balancer = connected()
    for id in 1...3 { _ = balancer.server(id, became: failing("\(id)")) }
    guard case .failing(let error) = balancer.connectivity else {
      Issue.record("\(balancer.connectivity)")
      return
    }
    #expect(error.message.hasSuffix("1 is down; 2 is down; 3 is down"))
    _ = balancer.server(1, became: .idle)
    _ = balancer.server(1, became: .connecting)
    #expect(balancer.connectivity == .failing(error))
    #expect(balancer.pick() == nil)
    _ = balancer.server(1, became: .ready)
    #expect(balancer.connectivity == .ready)
  }

  @Test("new servers are connected, those that are gone take no calls")
  func update() {
    var balancer = connected()
    #expect(balancer.update([3, 4]) == [.connect(4)])
    #expect((0..<2).map { _ in balancer.pick() } == [3, 3])
    #expect(balancer.server(1, became: .idle) == [])
    _ = balancer.server(4, became: .ready)
    #expect(Set((0..<4).map { _ in balancer.pick() }) == [3, 4])
  }

  @Test("an error of many servers lists some")
  func manyErrors() {
    var balancer = RoundRobin(start: 0)
    _ = balancer.update(Array(1...20))
    for id in 1...20 { _ = balancer.server(id, became: failing("\(id)")) }
    guard case .failing(let error) = balancer.connectivity else {
      Issue.record("\(balancer.connectivity)")
      return
    }
    #expect(error.message.hasSuffix("8 is down; and 12 more"))
  }
}
