import BenchmarkDomain
import EngineControl
import Statistics

extension RequestSample {
  /// The sample, or, where it says what no server would take, the same request as a malformed one:
  /// what an engine says of itself must not cost the agent its session.
  func acceptable(askedTokens: UInt32) -> RequestSample {
    do throws(StatisticsError) {
      try checkConsistency(askedTokens: askedTokens)
      return self
    } catch {
      let start = min(scheduled, sent, Self.latestStamp)
      return RequestSample(
        requestIndex: requestIndex, segment: segment, outcome: .malformed,
        httpStatus: min(httpStatus, Self.largestStatus), scheduled: start, sent: start,
        end: min(max(start, end), Self.latestStamp))
    }
  }
}

extension EngineIdentity {
  /// Throws where the engine says of itself what no server would take.
  func check() throws(EngineError) {
    for (what, text) in [("engine's version", version), ("weights' revision", modelRevision)] {
      if let fault = TextRule.faultOfName(text) {
        throw EngineError(.unsuitable, "the \(what) \(fault)")
      }
    }
  }
}
