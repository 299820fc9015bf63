import FoundationEssentials
import HTTP1

/// A completion request as the simulated engine understands it.
struct CompletionCall {
  /// The fields of the body that matter here.
  private struct Body: Decodable {
    struct Message: Decodable { var content: String? }
    struct StreamOptions: Decodable {
      enum CodingKeys: String, CodingKey { case includesUsage = "include_usage" }
      var includesUsage: Bool?
    }
    enum CodingKeys: String, CodingKey {
      case model, prompt, messages, stream
      case maximumTokens = "max_tokens"
      case streamOptions = "stream_options"
    }
    var model: String?
    var prompt: String?
    var messages: [Message]?
    var maximumTokens: Int?
    var stream: Bool?
    var streamOptions: StreamOptions?
  }

  struct Refusal: Error { let message: String }

  static let maximumTokens = 1_000_000

  var isChat: Bool
  var model: String
  var promptTokens: Int
  var outputTokens: Int
  var isStreamed: Bool
  var wantsUsage: Bool
  var setting: ServiceTimeModel.Setting
  var maxBatch: Int?
  var timeToFirstToken: Duration?
  var interTokenLatency: Duration?
  var misbehaviour: Misbehaviour?

  init(_ request: HTTP1Request, model: String, misbehaviour: Misbehaviour?) throws(Refusal) {
    let body: Body
    do {
      body = try JSONDecoder().decode(Body.self, from: Data(request.body))
    } catch {
      throw Refusal(message: "the body is not a completion request in JSON")
    }
    isChat = request.path == "/v1/chat/completions"
    let messages = body.messages.map { $0.compactMap(\.content).joined(separator: " ") }
    guard let text = isChat ? messages : body.prompt else {
      throw Refusal(message: isChat ? "messages are missing" : "prompt is missing")
    }
    outputTokens = body.maximumTokens ?? 16
    guard (1...Self.maximumTokens).contains(outputTokens) else {
      throw Refusal(message: "max_tokens must be from 1 to \(Self.maximumTokens)")
    }
    self.model = body.model ?? model
    promptTokens = text.split(separator: " ").count
    isStreamed = body.stream ?? false
    wantsUsage = body.streamOptions?.includesUsage ?? false
    setting = ServiceTimeModel.Setting(
      quantization: request.header("x-benchfront-quantization") ?? "",
      hardware: request.header("x-benchfront-hardware") ?? "")
    maxBatch = request.header("x-benchfront-max-batch").flatMap { Int($0) }.flatMap {
      $0 > 0 ? $0 : nil
    }
    timeToFirstToken = Self.milliseconds(request.header("x-benchfront-sim-ttft-ms"))
    interTokenLatency = Self.milliseconds(request.header("x-benchfront-sim-itl-ms"))
    self.misbehaviour =
      request.header("x-benchfront-sim").flatMap { Misbehaviour(rawValue: $0) } ?? misbehaviour
  }

  private static func milliseconds(_ text: String?) -> Duration? {
    guard let text, let value = Double(text), (0...3_600_000).contains(value) else { return nil }
    return .nanoseconds(Int64(value * 1_000_000))
  }
}
