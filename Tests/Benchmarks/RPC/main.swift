import GRPC
// bench.Echo for `bench_rpc.py`: the first argument is the number of loops; behind it, `guarded`
// puts the product's interceptors around every call, `tls CERTIFICATE KEY` encrypts connections.
// It prints its address and serves until it is killed.
import Glibc
import Reactor
import TLS

let method = MethodDescriptor(service: "bench.Echo", name: "Unary", kind: .unary)
let task = MethodDescriptor(service: "bench.Echo", name: "Task", kind: .unary)

/// What `tls CERTIFICATE KEY` among the arguments asks for.
func tlsOfArguments() throws -> TLSContext? {
  let words = CommandLine.arguments.drop { $0 != "tls" }.dropFirst()
  guard let certificate = words.first, let key = words.dropFirst().first else { return nil }
  return try TLSContext(
    server: TLSServerSettings(keyPair: TLSKeyPair(certificateFile: certificate, keyFile: key)))
}

var router = Router()
router.register(method, .unary { bytes, _ in .message(Array(bytes)) })
router.register(
  task,
  .unary { bytes, _ in
    let copy = Array(bytes)
    return .later { copy }
  })
EchoStreams.register(in: &router)
GuardedCall.register(in: &router)

let loops = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
let group = try EventLoopGroup(count: loops)
var configuration = ServerConfiguration()
if CommandLine.arguments.contains("guarded") {
  configuration.interceptors = try GuardedCall.interceptors(router.methods)
}
let server = GRPCServer(configuration: configuration, router: router, group: group)
print(try server.listen(on: SocketAddress.parse("127.0.0.1:0"), tls: tlsOfArguments()))
fflush(nil)
// valgrind does not survive the main thread of an asynchronous program.
while true { pause() }
