import BenchmarkDomain
import LoadGenerator
import Statistics
import Testing

@Suite("Stream recorder")
struct StreamRecorderTests {
  private func chunk(_ text: String) -> StreamChunk? {
    Array(text.utf8).withUnsafeBytes { StreamChunk($0) }
  }

  private func sample() -> RequestSample {
    RequestSample(
      requestIndex: 0, segment: 0, outcome: .ok, scheduled: 0, sent: 1, end: 10_000)
  }

  private func record(
    _ events: [String], maximumTokens: UInt32 = 8
  ) -> (RequestOutcome, RequestSample) {
    var recorder = StreamRecorder(maximumTokens: maximumTokens)
    for (index, event) in events.enumerated() {
      recorder.feed(Array("data: \(event)\n\n".utf8).span.bytes, at: UInt64(1000 + 10 * index))
    }
    var sample = sample()
    recorder.fill(&sample, origin: 900)
    return (recorder.outcome, sample)
  }

  private let text = #"{"choices":[{"text":" a","index":0,"finish_reason":null}]}"#
  private let last =
    #"{"choices":[{"text":"","finish_reason":"length"}],"usage":{"prompt_tokens":4,"completion_tokens":3}}"#

  @Test("content, reasoning, usage and ends are told apart")
  func chunks() throws {
    #expect(chunk(text)?.hasContent == true)
    let reasoning = try #require(
      chunk(#"{"choices":[{"delta":{"role":"x","content":null,"reasoning_content":"h\"m"}}]}"#))
    #expect(reasoning.hasReasoning && !reasoning.hasContent && !reasoning.isFinished)
    let end = try #require(chunk(last))
    #expect(!end.hasContent && end.isFinished)
    #expect(end.promptTokens == 4 && end.completionTokens == 3)
    let usage = try #require(chunk(#" {"choices":[],"usage":{"completion_tokens":9}} "#))
    #expect(usage.completionTokens == 9 && usage.promptTokens == nil)
    #expect(chunk(#"{"choices":[{"text":"a"}],"usage":null}"#)?.completionTokens == nil)
    #expect(chunk(#"{"error":{"message":"no"}}"#)?.isError == true)
  }

  @Test(
    "what is no chunk is none",
    arguments: [
      "", "{", "[]", "nonsense", "{}", #"{"choices":[{"text":}]}"#, #"{"choices":[{"text":"a"}"#,
      #"{"choices":{}}"#, #"{"choices":[]} x"#, #"{"choices":["#, "{\"choices\":[{\"text\":\"\\",
      #"{"a":truu,"choices":[]}"#,
    ])
  func malformed(text: String) { #expect(chunk(text) == nil) }

  @Test("nesting is bounded")
  func depth() {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(chunk("{\"choices\":[],\"x\":\(deep)}") == nil)
  }

  @Test("stamps and gaps are those of the content chunks alone")
  func stamps() throws {
    let (outcome, sample) = record([text, text, text, last, "[DONE]"])
    #expect(outcome == .ok)
    #expect(sample.firstContent == 100 && sample.firstVisible == 100)
    #expect(sample.lastContent == 120)
    #expect(try DeltaVarint.decode(sample.gaps) == [10, 10])
    #expect(sample.outputTokens == 3 && sample.inputTokens == 4)
    #expect(sample.tokenSource == .usage && sample.contentChunks == 3)
  }

  @Test("the first visible content comes after the reasoning")
  func visible() {
    let (_, sample) = record([
      #"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
      #"{"choices":[{"delta":{"content":"so"}}]}"#, "[DONE]",
    ])
    #expect(sample.firstContent == 100 && sample.firstVisible == 110)
    #expect(sample.tokenSource == .chunks && sample.outputTokens == 2)
  }

  @Test("how a stream ended decides how it counts")
  func outcomes() {
    #expect(record([text, last]).0 == .ok)
    #expect(record([text, "[DONE]"]).0 == .ok)
    #expect(record([text, text]).0 == .incomplete)
    #expect(record([]).0 == .incomplete)
    #expect(record([last, "[DONE]"]).0 == .empty)
    #expect(record([text, "{", "[DONE]"]).0 == .malformed)
    #expect(record([text, #"{"error":{"message":"no"}}"#]).0 == .malformed)
    #expect(record([text, text, last], maximumTokens: 2).0 == .malformed)
    #expect(record([String](repeating: text, count: 11), maximumTokens: 2).0 == .malformed)
  }

  @Test(
    "a token count that no request has makes the answer malformed, and goes no further",
    arguments: ["prompt_tokens", "completion_tokens"],
    ["10000001", "4000000000", "99999999999999999999999"])
  func absurdUsage(field: String, count: String) {
    let (outcome, sample) = record([
      text, text, #"{"choices":[],"usage":{"\#(field)":\#(count)}}"#, "[DONE]",
    ])
    #expect(outcome == .malformed)
    #expect(sample.inputTokens == 0 && sample.outputTokens == 2)
    #expect(sample.tokenSource == .chunks)
  }

  @Test("what llama-server writes is read as it is meant")
  func llamaServer() {
    let frame = #""created":1795463438,"model":"m","system_fingerprint":"b0-0c1e57098""#
    let timings = #""timings":{"cache_n":0,"prompt_ms":137.514,"predicted_per_second":86.23e0}"#
    let (chat, sample) = record([
      #"{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"#
        + frame + "}",
      #"{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hello"}}],\#(frame)}"#,
      #"{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"\""}}],\#(frame)}"#,
      #"{"choices":[{"finish_reason":"length","index":0,"delta":{}}],\#(frame)}"#,
      #"{"choices":[],\#(frame),"usage":{"completion_tokens":2,"prompt_tokens":33,"total_tokens":35,"#
        + #""prompt_tokens_details":{"cached_tokens":0}},\#(timings)}"#,
      "[DONE]",
    ])
    #expect(chat == .ok && sample.inputTokens == 33 && sample.outputTokens == 2)
    #expect(sample.contentChunks == 2 && sample.firstContent == 110)
    let (text, last) = record([
      #"{"choices":[{"text":",","index":0,"logprobs":null,"finish_reason":null}],\#(frame)}"#,
      #"{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],\#(frame),"#
        + #""usage":{"completion_tokens":1,"prompt_tokens":4,"total_tokens":5},\#(timings)}"#,
      "[DONE]",
    ])
    #expect(text == .ok && last.inputTokens == 4 && last.outputTokens == 1)
    #expect(last.contentChunks == 1 && last.tokenSource == .usage)
  }

  @Test("random bytes never do more than be malformed")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let seedText = Array("data: \(last)\n\n".utf8)
    for _ in 0..<2000 {
      var bytes = seedText
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      var recorder = StreamRecorder(maximumTokens: 8)
      recorder.feed(bytes.span.bytes, at: 1)
      _ = recorder.outcome
    }
  }
}
