/// A parser and the bytes to break it with.
typealias FuzzTarget = @Sendable (UnsafeRawBufferPointer) -> Void

/// All of them by name; each has its corpus in `corpus/NAME`.
let targets: [String: FuzzTarget] = [
  "http2-server": fuzzServerSession,
  "http2-client": fuzzClientSession,
  "framing": fuzzFraming,
  "web": fuzzWeb,
  "gzip": fuzzInflater,
  "headers": fuzzHeaders,
  "messages": fuzzMessages,
  "samples": fuzzSamples,
  "http1": fuzzHTTP1,
  "archive": fuzzArchive,
]
