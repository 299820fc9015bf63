import GRPC
// A server with one unary method that returns its request, for `rpc.sh`.
// It prints its address and serves until it is killed.
import Glibc
import Reactor

let method = MethodDescriptor(service: "bench.Echo", name: "Unary", kind: .unary)
let task = MethodDescriptor(service: "bench.Echo", name: "Task", kind: .unary)
let chat = MethodDescriptor(service: "bench.Echo", name: "Chat", kind: .bidirectionalStreaming)

var router = Router()
router.register(method, .unary { bytes, _ in .message(Array(bytes)) })
router.register(
  task,
  .unary { bytes, _ in
    let copy = Array(bytes)
    return .later { copy }
  })
router.register(
  chat,
  .streaming { stream in
    while let message = try await stream.next() { try await stream.send(message) }
  })

let loops = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
let group = try EventLoopGroup(count: loops)
let server = GRPCServer(router: router, group: group)
print(try server.listen(on: SocketAddress.parse("127.0.0.1:0")))
fflush(nil)
try await group.loops[0].sleep(for: .seconds(86_400))
