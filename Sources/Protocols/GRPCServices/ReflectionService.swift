package import APIBindings
import GRPC

/// `grpc.reflection.v1.ServerReflection`: describes a server's services from the descriptors that
/// the bindings carry. Version v1alpha is the same on the wire, and served by the same code.
///
/// https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
package struct ReflectionService: ServerReflectionProvider {
  private let services: [String]
  private let index: DescriptorIndex

  /// Describes these services and what they need, and nothing else.
  package init(services: [String]) {
    self.services = services
    index = DescriptorIndex(services: services)
  }

  package func serverReflectionInfo(
    _ requests: RequestStream<ServerReflectionRequest>,
    _ responses: ResponseStream<ServerReflectionResponse>
  ) async throws {
    while let request = try await requests.next()?.value {
      try await responses.send(
        ServerReflectionResponse(
          validHost: request.host, originalRequest: request,
          messageResponse: answer(request.messageRequest)))
    }
  }

  /// The answer to a question.
  func answer(
    _ question: ServerReflectionRequest.MessageRequest?
  ) -> ServerReflectionResponse.MessageResponse {
    switch question {
    case .fileByFilename(let name):
      Self.files(index.files(named: name), "file \(name)")
    case .fileContainingSymbol(let name):
      Self.files(index.files(declaring: name), "symbol \(name)")
    case .fileContainingExtension(let request):
      Self.files(
        index.files(
          declaringExtension: request.extensionNumber, of: request.containingType),
        "extension \(request.extensionNumber) of \(request.containingType)")
    case .allExtensionNumbersOfType(let type):
      if let numbers = index.extensionNumbers(of: type) {
        .allExtensionNumbersResponse(.init(baseTypeName: type, extensionNumber: numbers))
      } else {
        Self.missing("message \(type)")
      }
    case .listServices:
      .listServicesResponse(.init(service: services.map { .init(name: $0) }))
    case nil:
      .errorResponse(
        .init(
          errorCode: Int32(StatusCode.invalidArgument.rawValue),
          errorMessage: "the request asks nothing that this server knows"))
    }
  }

  private static func files(
    _ found: [[UInt8]]?, _ what: String
  ) -> ServerReflectionResponse.MessageResponse {
    guard let found else { return missing(what) }
    return .fileDescriptorResponse(.init(fileDescriptorProto: found))
  }

  private static func missing(_ what: String) -> ServerReflectionResponse.MessageResponse {
    .errorResponse(
      .init(
        errorCode: Int32(StatusCode.notFound.rawValue),
        errorMessage: "there is no \(what)"))
  }
}
