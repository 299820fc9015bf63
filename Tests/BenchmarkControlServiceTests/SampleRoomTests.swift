import Telemetry
import Testing

@testable import BenchmarkControlService

@Suite("Room for samples in memory")
struct SampleRoomTests {
  private let registry = MetricRegistry()
  private let room: SampleRoom

  init() {
    room = SampleRoom(
      limit: 100, gauge: registry.gauges("benchfront_test_bytes", help: "Bytes.").child())
  }

  private var isShown: String? {
    registry.prometheusText().split(separator: "\n").last.map(String.init)
  }

  /// Waits until so many others wait for room.
  private func waiting(_ count: Int) async {
    while room.waitingCount != count { await Task.yield() }
  }

  @Test("room is taken and given back, and the metric follows")
  func taking() async throws {
    #expect(room.takeNow(60))
    #expect(!room.takeNow(41))
    try await room.take(40)
    #expect(isShown == "benchfront_test_bytes 100")
    room.give(100)
    #expect(isShown == "benchfront_test_bytes 0")
  }

  @Test("who finds no room waits its turn, and nobody passes by")
  func order() async throws {
    #expect(room.takeNow(90))
    let (stream, log) = AsyncStream.makeStream(of: Int.self)
    for (index, bytes) in [50, 10, 30].enumerated() {
      Task {
        try await room.take(bytes)
        log.yield(index)
      }
      await waiting(index + 1)
    }
    // There would be room for the second; the first stands before it.
    #expect(!room.takeNow(5))
    room.give(90)
    var order = stream.makeAsyncIterator()
    var heard: Set<Int> = []
    for _ in 0..<3 { heard.insert(try #require(await order.next())) }
    #expect(heard == [0, 1, 2])
    #expect(room.used == 90)
  }

  @Test("what is larger than all room has it alone")
  func large() async throws {
    try await room.take(1000)
    #expect(!room.takeNow(1))
    room.give(1000)
    #expect(room.takeNow(1))
    #expect(!room.takeNow(1000))
  }

  @Test("a task that is cancelled leaves its place to those behind it")
  func cancellation() async throws {
    #expect(room.takeNow(90))
    let large = Task { try await room.take(50) }
    await waiting(1)
    let small = Task { try await room.take(10) }
    await waiting(2)
    large.cancel()
    await #expect(throws: CancellationError.self) { try await large.value }
    try await small.value
    #expect(room.used == 100)
    #expect(room.waitingCount == 0)
  }

  @Test("room is neither lost nor made up, whoever waits, gives up and gives back at once")
  func race() async throws {
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<2000 {
        group.addTask { [room] in
          let bytes = index % 60 + 1
          let taking = Task { try await room.take(bytes) }
          if index.isMultiple(of: 3) { taking.cancel() }
          do {
            try await taking.value
            #expect(room.used <= 100)
            room.give(bytes)
          } catch { #expect(error is CancellationError) }
        }
      }
    }
    #expect(room.used == 0)
    #expect(room.waitingCount == 0)
  }
}
