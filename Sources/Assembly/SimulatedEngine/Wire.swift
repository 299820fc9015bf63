import HTTP1

/// The texts of the OpenAI-compatible interface.
struct Wire {
  static let mark = HeaderField("x-benchfront-simulated", "1")
  static let streamHeaders = [
    HeaderField("Content-Type", "text/event-stream"), HeaderField("Cache-Control", "no-cache"),
    mark,
  ]
  private static let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]

  private let call: CompletionCall
  private let frame: String

  init(_ call: CompletionCall) {
    self.call = call
    let object = call.isChat ? "chat.completion.chunk" : "text_completion"
    frame =
      "\"created\":0,\"id\":\"sim-0\",\"model\":\(Self.quoted(call.model)),\"object\":\"\(object)\""
  }

  /// The chunk with which a chat's answer begins: a role and no content.
  func role() -> [UInt8] {
    event(
      "{\"choices\":[{\"finish_reason\":null,\"index\":0,"
        + "\"delta\":{\"role\":\"assistant\",\"content\":null}}],\(frame)}")
  }

  func tokens(from first: Int, count: Int) -> [UInt8] {
    let text = (first..<first + count).map { " " + Self.words[$0 % Self.words.count] }.joined()
    guard call.isChat else {
      return event(
        "{\"choices\":[{\"text\":\"\(text)\",\"index\":0,\"logprobs\":null,"
          + "\"finish_reason\":null}],\(frame)}")
    }
    let isReasoning = call.misbehaviour == .reasoning && first < call.outputTokens / 2
    let key = isReasoning ? "reasoning_content" : "content"
    return event(
      "{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"\(key)\":\"\(text)\"}}],"
        + "\(frame)}")
  }

  /// Usage stands on the last chunk of a completion and on a chunk of its own of a chat.
  func ending(outputTokens: Int) -> [UInt8] {
    let hasUsage = call.wantsUsage && call.misbehaviour != .noUsage
    let usage = hasUsage ? ",\"usage\":\(usage(outputTokens))" : ""
    var bytes: [UInt8]
    if call.isChat {
      bytes = event(
        "{\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"delta\":{}}],\(frame)}")
      if hasUsage { bytes += event("{\"choices\":[],\(frame)\(usage)}") }
    } else {
      bytes = event(
        "{\"choices\":[{\"text\":\"\",\"index\":0,\"logprobs\":null,"
          + "\"finish_reason\":\"length\"}],\(frame)\(usage)}")
    }
    if call.misbehaviour != .noDone { bytes += event("[DONE]") }
    return bytes
  }

  func whole() -> String {
    let text = (0..<call.outputTokens).map { " " + Self.words[$0 % Self.words.count] }.joined()
    let content =
      call.isChat
      ? "\"message\":{\"role\":\"assistant\",\"content\":\"\(text)\"}" : "\"text\":\"\(text)\""
    return "{\"choices\":[{\"index\":0,\(content),\"finish_reason\":\"length\"}],\(frame),"
      + "\"usage\":\(usage(call.outputTokens))}"
  }

  private func usage(_ outputTokens: Int) -> String {
    let promptTokens = call.misbehaviour == .absurdUsage ? 4_000_000_000 : call.promptTokens
    return "{\"prompt_tokens\":\(promptTokens),\"completion_tokens\":\(outputTokens),"
      + "\"total_tokens\":\(promptTokens + outputTokens)}"
  }

  private func event(_ data: String) -> [UInt8] { Array("data: \(data)\n\n".utf8) }

  static func respond(
    _ exchange: HTTP1Exchange, _ status: Int, _ body: String, type: String = "application/json"
  ) {
    exchange.respond(
      status: status, headers: [HeaderField("Content-Type", type), mark], body: Array(body.utf8))
  }

  static func refuse(_ exchange: HTTP1Exchange, _ status: Int, _ message: String) {
    respond(exchange, status, "{\"error\":{\"message\":\(quoted(message)),\"code\":\(status)}}")
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 32: quoted += " "
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
