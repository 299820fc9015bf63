// bench.Echo on grpc-swift-2: messages are plain bytes, one thread of SwiftNIO; handlers run on
// Swift's own pool, as this package does it. Prints its address and serves until it is killed.
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import NIOPosix

struct PlainBytes: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

typealias Request = StreamingServerRequest<[UInt8]>
typealias Response = StreamingServerResponse<[UInt8]>

struct Echo: RegistrableRPCService {
  static let streamMessages = 1000
  static let large = [UInt8](repeating: 0x61, count: 4_000_000)

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    func register(_ name: String, _ handler: @Sendable @escaping (Request) async throws -> Response)
    {
      router.registerHandler(
        forMethod: MethodDescriptor(fullyQualifiedService: "bench.Echo", method: name),
        deserializer: PlainBytes(), serializer: PlainBytes(),
        handler: { request, _ in try await handler(request) })
    }
    register("Unary") { request in
      let message = try await ServerRequest(stream: request).message
      return Response(single: ServerResponse(message: message))
    }
    register("Down") { request in
      let message = try await ServerRequest(stream: request).message
      return Response { writer in
        for _ in 0..<Self.streamMessages { try await writer.write(message) }
        return [:]
      }
    }
    register("Up") { request in
      var last: [UInt8] = []
      for try await message in request.messages { last = message }
      return Response(single: ServerResponse(message: last))
    }
    register("Chat") { request in
      Response { writer in
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
    register("Large") { _ in Response(single: ServerResponse(message: Self.large)) }
  }
}

let server = GRPCServer(
  transport: .http2NIOPosix(
    address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
    eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1)),
  services: [Echo()])
try await withThrowingDiscardingTaskGroup { group in
  group.addTask { try await server.serve() }
  if let port = try await server.listeningAddress?.ipv4?.port { print("127.0.0.1:\(port)") }
  fflush(nil)
}
