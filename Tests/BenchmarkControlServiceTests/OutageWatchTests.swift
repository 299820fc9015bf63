import Testing

@testable import BenchmarkControlService

@Suite("Leases and outages of the store")
struct OutageWatchTests {
  @Test("a store that was away or slow gives agents a lease's time before any lease expires")
  func outage() {
    var watch = OutageWatch(leaseDuration: .seconds(30))
    func look(_ hasAnswered: Bool, _ duration: Duration) -> OutageWatch.Next {
      watch.looked(hasAnswered: hasAnswered, took: duration)
    }
    #expect(look(true, .milliseconds(2)) == .sweep)
    #expect(look(false, .milliseconds(2)) == .lookAgain)
    #expect(look(false, .seconds(40)) == .lookAgain)
    #expect(look(true, .milliseconds(2)) == .waitForAgents)
    #expect(look(true, .milliseconds(2)) == .sweep)
    #expect(look(true, .seconds(20)) == .lookAgain)
    #expect(look(true, .seconds(1)) == .waitForAgents)
    #expect(look(true, .seconds(1)) == .sweep)
  }

  @Test("one that goes away again meanwhile begins anew")
  func again() {
    var watch = OutageWatch(leaseDuration: .seconds(30))
    for _ in 0..<2 {
      #expect(watch.looked(hasAnswered: false, took: .zero) == .lookAgain)
      #expect(watch.looked(hasAnswered: true, took: .zero) == .waitForAgents)
    }
    #expect(watch.looked(hasAnswered: true, took: .zero) == .sweep)
  }
}
