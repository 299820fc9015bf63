import APIBindings
import APIMapping
import BenchmarkDomain

/// Reads the input as a message of samples the short way; what that takes, decoding takes too, and
/// makes the same of it.
@Sendable func fuzzSamples(_ input: UnsafeRawBufferPointer) {
  guard let read = AgentMessage(samplesIn: Array(input)) else { return }
  guard let view = try? AgentSessionRequest.decode(input), let decoded = try? AgentMessage(view)
  else { preconditionFailure("what the short way reads cannot be decoded") }
  precondition(decoded == read, "the short way reads something else")
}
