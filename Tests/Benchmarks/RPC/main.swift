import GRPC
// A server whose methods return their requests, for `rpc.sh`: the first argument is the number of
// its loops; `guarded` as the second puts the product's interceptors around every call.
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

GuardedCall.register(in: &router)

let loops = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
let group = try EventLoopGroup(count: loops)
var configuration = ServerConfiguration()
if CommandLine.arguments.contains("guarded") {
  configuration.interceptors = try GuardedCall.interceptors(router.methods)
}
let server = GRPCServer(configuration: configuration, router: router, group: group)
print(try server.listen(on: SocketAddress.parse("127.0.0.1:0")))
fflush(nil)
try await group.loops[0].sleep(for: .seconds(86_400))
