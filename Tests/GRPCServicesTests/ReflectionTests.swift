import APIBindings
import GRPC
import Testing

@testable import GRPCServices

@Suite("reflection")
struct ReflectionTests {
  private let service = ReflectionService(services: [
    "benchfront.v1.Catalog", "grpc.health.v1.Health",
  ])

  /// The names of the files in an answer, in its order; nil for another answer.
  private func files(_ question: ServerReflectionRequest.MessageRequest) -> [String]? {
    guard case .fileDescriptorResponse(let answer) = service.answer(question) else { return nil }
    return answer.fileDescriptorProto.map { bytes in
      FileDescriptors.files.first { $0.bytes == bytes }?.name ?? "?"
    }
  }

  private func refusal(_ question: ServerReflectionRequest.MessageRequest?) -> Int32? {
    guard case .errorResponse(let error) = service.answer(question) else { return nil }
    return error.errorCode
  }

  @Test("the registered services are listed")
  func list() {
    guard case .listServicesResponse(let list) = service.answer(.listServices("")) else {
      Issue.record("no list")
      return
    }
    #expect(list.service.map(\.name) == ["benchfront.v1.Catalog", "grpc.health.v1.Health"])
  }

  @Test("a file comes with all that it imports, itself first, each once")
  func closure() throws {
    let found = try #require(files(.fileByFilename("benchfront/v1/catalog.proto")))
    #expect(found.first == "benchfront/v1/catalog.proto")
    #expect(Set(found).count == found.count)
    #expect(found.contains("google/protobuf/timestamp.proto"))
    #expect(found.contains("benchfront/v1/result.proto"))
    #expect(
      files(.fileByFilename("grpc/health/v1/health.proto")) == ["grpc/health/v1/health.proto"])
  }

  @Test(
    "a symbol of any kind leads to its file",
    arguments: [
      "grpc.health.v1.Health", "grpc.health.v1.Health.Watch", "grpc.health.v1.HealthCheckRequest",
      "grpc.health.v1.HealthCheckRequest.service",
      "grpc.health.v1.HealthCheckResponse.ServingStatus",
      "grpc.health.v1.HealthCheckResponse.NOT_SERVING",
      "grpc.health.v1.HealthListResponse.StatusesEntry.value",
    ])
  func symbols(_ name: String) {
    #expect(files(.fileContainingSymbol(name)) == ["grpc/health/v1/health.proto"])
  }

  @Test("what nobody registered is not found, though it is embedded")
  func registeredOnly() {
    #expect(refusal(.fileByFilename("grpc/channelz/v1/channelz.proto")) == 5)
    #expect(refusal(.fileContainingSymbol("grpc.channelz.v1.Channelz")) == 5)
    #expect(refusal(.fileContainingSymbol("Catalog")) == 5)
    #expect(refusal(.fileByFilename("")) == 5)
    #expect(refusal(.fileContainingExtension(.init(containingType: "x", extensionNumber: 1))) == 5)
    #expect(refusal(.allExtensionNumbersOfType("x.Y")) == 5)
    #expect(refusal(nil) == 3)
  }

  @Test("a message without extensions has none")
  func extensions() {
    let type = "grpc.health.v1.HealthCheckRequest"
    #expect(
      service.answer(.allExtensionNumbersOfType(type))
        == .allExtensionNumbersResponse(.init(baseTypeName: type)))
    #expect(refusal(.fileContainingExtension(.init(containingType: type, extensionNumber: 1))) == 5)
  }

  @Test("one stream answers question after question")
  func stream() async throws {
    try await withServices { channel in
      let call = try await ServerReflectionClient(channel).serverReflectionInfo()
      for symbol in ["grpc.health.v1.Health", "nothing", "grpc.reflection.v1alpha.ErrorResponse"] {
        let question = ServerReflectionRequest(
          host: "h", messageRequest: .fileContainingSymbol(symbol))
        try await call.send(question)
        let answer = try #require(try await call.next())
        #expect(answer.originalRequest == question && answer.validHost == "h")
      }
      call.finish()
      #expect(try await call.next() == nil)
    }
  }
}
