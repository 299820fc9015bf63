import HTTPClient

/// Writes the requests of a plan.
struct CompletionRequest {
  private let plan: LoadPlan
  private let prompts: PromptSource
  private let url: String
  private let modelName: String

  init(_ plan: LoadPlan) {
    self.plan = plan
    prompts = PromptSource(seed: plan.promptSeed, inputTokens: plan.workload.inputTokens)
    var base = Substring(plan.endpoint)
    while base.hasSuffix("/") { base.removeLast() }
    if base.hasSuffix("/v1") { base.removeLast(3) }
    url = base + plan.api.path
    modelName = Self.quoted(plan.modelName)
  }

  func request(index: UInt32, isWarmup: Bool) -> TransferRequest {
    TransferRequest(
      method: "POST", url: url,
      headers: [
        .init("Content-Type", "application/json"), .init("Accept", "text/event-stream"),
      ] + plan.headers,
      body: Array(body(index: index, isWarmup: isWarmup).utf8),
      usesFreshConnection: plan.usesFreshConnections, connectTimeout: plan.connectTimeout,
      totalTimeout: plan.requestTimeout, idleTimeout: plan.idleTimeout,
      bodyLimitBytes: plan.answerLimitBytes)
  }

  private func body(index: UInt32, isWarmup: Bool) -> String {
    let prompt = Self.quoted(
      prompts.prompt(index: index, warmupOfSegment: isWarmup ? plan.segment : nil))
    let input =
      plan.api == .chat
      ? "\"messages\":[{\"role\":\"user\",\"content\":\(prompt)}]" : "\"prompt\":\(prompt)"
    return "{\"model\":\(modelName),\(input),\"max_tokens\":\(plan.workload.outputTokens),"
      + "\"temperature\":0,\"seed\":\(prompts.samplingSeed(index: index)),\"stream\":true,"
      + "\"stream_options\":{\"include_usage\":true},\"ignore_eos\":true}"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
