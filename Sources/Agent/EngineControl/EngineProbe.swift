import FoundationEssentials
import HTTPClient

/// Asks an endpoint what it is.
struct EngineProbe {
  /// What an endpoint says about itself.
  struct Answer: Equatable {
    /// Ids of the models that it serves.
    var models: [String]
    var version: String
    var isSimulated: Bool
  }

  private struct ModelList: Decodable {
    struct Entry: Decodable {
      enum CodingKeys: String, CodingKey {
        case id
        case owner = "owned_by"
      }
      var id: String
      var owner: String?
    }
    var data: [Entry]
  }
  private struct Properties: Decodable {
    enum CodingKeys: String, CodingKey { case build = "build_info" }
    var build: String?
  }
  private struct Version: Decodable { var version: String? }

  let client: TransferClient
  let endpoint: String

  /// The address without its trailing "/" and "/v1".
  static func base(of endpoint: String) -> String {
    var base = Substring(endpoint)
    while base.hasSuffix("/") { base.removeLast() }
    if base.hasSuffix("/v1") { base.removeLast(3) }
    return String(base)
  }

  private func get(_ path: String) async throws -> TransferResponse {
    try await client.fetch(
      TransferRequest(
        url: Self.base(of: endpoint) + path, usesFreshConnection: true,
        connectTimeout: .seconds(5), totalTimeout: .seconds(10), bodyLimitBytes: 4_194_304))
  }

  /// Lists the models and finds the version. Throws `EngineError`.
  func ask() async throws -> Answer {
    let response: TransferResponse
    do {
      response = try await get("/v1/models")
    } catch let error as TransferError {
      throw EngineError(.unreachable, "no engine answers at \(endpoint): \(error.message)")
    }
    guard response.head.status == 200 else {
      throw EngineError(
        .unreachable, "\(endpoint) answers /v1/models with HTTP \(response.head.status)")
    }
    guard let list = try? JSONDecoder().decode(ModelList.self, from: Data(response.body)) else {
      throw EngineError(.unsuitable, "\(endpoint) does not list its models as OpenAI's API does")
    }
    let owner = list.data.first?.owner ?? ""
    return Answer(
      models: list.data.map(\.id), version: await version(owner: owner),
      isSimulated: owner == "benchfront-simengine"
        || response.head.header("x-benchfront-simulated") != nil)
  }

  /// Engines tell their version in different places; one that tells none has none.
  private func version(owner: String) async -> String {
    if owner == "llamacpp" {
      let found = await decode(Properties.self, "/props")?.build
      return found.map { "llama.cpp \($0)" } ?? ""
    }
    guard let found = await decode(Version.self, "/version")?.version else { return "" }
    return owner.isEmpty || owner == "benchfront-simengine" ? found : "\(owner) \(found)"
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ path: String) async -> Value? {
    // Whether an engine has the page at all is its own choice.
    guard let response = try? await get(path), response.head.status == 200 else { return nil }
    return try? JSONDecoder().decode(type, from: Data(response.body))
  }

  /// True when the engine says that it can serve: llama.cpp answers 503 while it loads.
  func isReady() async -> Bool {
    // Not being there yet is what is being waited for.
    (try? await get("/health"))?.head.status == 200
  }
}
