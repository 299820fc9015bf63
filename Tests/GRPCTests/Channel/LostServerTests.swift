import Reactor
import Testing

@testable import GRPC

@Suite("A server that is lost")
struct LostServerTests {
  @Test("under load it costs only the calls in flight, and those that are idempotent are retried")
  func underLoad() async throws {
    try await withFleet(3) { (fleet) async throws in
      let victim = fleet.members[1]
      let channel = fleet.channel()
      while Set(fleet.members.map(\.connectionCount)) != [1] {
        _ = try await channel.unary(Methods.which, [])
      }
      let load = (0..<4).map { _ in Task { try await self.load(on: channel) } }
      // On the victim they hang, elsewhere they are answered.
      let idempotent = (0..<30).map { _ in
        Task { try await channel.unary(Methods.whichUnless, [victim.number]) }
      }
      let others = (0..<30).map { _ in
        Task {
          var options = CallOptions()
          options.isIdempotent = false
          return try await channel.unary(Methods.whichUnless, [victim.number], options: options)
        }
      }
      while victim.witness.started.value < 10 { await victim.witness.hanging.wait() }
      await victim.kill()
      for task in idempotent { #expect(try await task.value != [victim.number]) }
      var lost = 0
      for task in others {
        let error = await rpcError { () async throws in
          #expect(try await task.value != [victim.number])
        }
        guard let error else { continue }
        #expect(error.code == .unavailable)
        lost += 1
      }
      #expect(lost > 0 && lost < 30)
      for task in load { task.cancel() }
      for task in load { #expect(try await task.value > 0) }
      await channel.close()
    }
  }

  /// Calls without a pause until the task is cancelled; none may fail.
  private func load(on channel: ClientChannel) async throws -> Int {
    var count = 0
    while !Task.isCancelled {
      do {
        _ = try await channel.unary(Methods.which, [])
        count += 1
      } catch let error as RPCError where error.code == .cancelled {
        return count
      }
    }
    return count
  }

  @Test("a call that had not left yet is made elsewhere, although it is not idempotent")
  func unsent() async throws {
    try await withFleet(2) { (fleet) async throws in
      var configuration = ServerConfiguration()
      configuration.http2.maxConcurrentStreams = 1
      let narrow = try Member(9, on: fleet.group, configuration)
      let channel = fleet.channel(
        Fleet.configuration(.pickFirst), to: "\(narrow.address),\(fleet.target)")
      let sent = Task { try await channel.unary(Methods.hang, []) }
      await narrow.witness.hanging.wait()
      var options = CallOptions()
      options.isIdempotent = false
      let call = try await channel.stream(Methods.which, options: options)
      try await call.send([])
      call.finish()
      await narrow.kill()
      #expect(try await call.next() == [0])
      #expect(await rpcError { _ = try await sent.value }?.code == .unavailable)
      await channel.close()
    }
  }
}
