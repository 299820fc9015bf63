import Storage
import Testing

@Suite("Writes that fail")
struct WriteTroubleTests {
  private let full = StoreOutage(.full, "Full.")

  @Test("a failure is told until a trial goes well that began behind a time of quiet")
  func trial() {
    let begin = ContinuousClock.now
    var trouble = WriteTrouble()
    func tells(_ outage: StoreOutage?, wantsTrial: Bool, at time: ContinuousClock.Instant) -> Bool {
      let state = trouble.state(at: time)
      return state.outage == outage && state.wantsTrial == wantsTrial
    }
    #expect(tells(nil, wantsTrial: false, at: begin))
    trouble.failed(full, at: begin)
    #expect(tells(full, wantsTrial: false, at: begin + .seconds(1)))
    let later = begin + WriteTrouble.quietTime
    #expect(tells(full, wantsTrial: true, at: later))
    // What says less does not take its place.
    trouble.failed(StoreOutage(.failing, "Error 10."), at: begin + .seconds(2))
    #expect(tells(full, wantsTrial: false, at: begin + .seconds(4)))
    trouble.failed(full, at: begin)
    // Another write fails while the trial goes on.
    trouble.failed(full, at: later + .seconds(1))
    trouble.wentWell(begun: later)
    #expect(tells(full, wantsTrial: false, at: later + .seconds(2)))
    trouble.wentWell(begun: later + .seconds(5))
    #expect(tells(nil, wantsTrial: false, at: later + .seconds(6)))
  }
}
