// A server with handlers that are easy to abuse, for the tests of attacks: it serves until its
// standard input ends. Arguments are settings, such as `messageTimeout=0.5` (seconds).
// `hardEnd=1` is the time that it gives itself to stop.
#if DEBUG
import GRPC
import Glibc
import HTTP2
import Reactor

func method(_ name: String, _ kind: MethodKind) -> MethodDescriptor {
  MethodDescriptor(service: "attack.Target", name: name, kind: kind)
}

/// How many bytes a request wants: its first four bytes say so.
func size(_ request: UnsafeRawBufferPointer) -> Int {
  min(16_777_216, request.prefix(4).reduce(0) { $0 << 8 | Int($1) })
}

func answer(_ size: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: size) }

func makeRouter() -> Router {
  var router = Router()
  router.register(method("Echo", .unary), .unary { bytes, _ in .message(Array(bytes)) })
  router.register(method("Large", .unary), .unary { bytes, _ in .message(answer(size(bytes))) })
  router.register(
    method("Later", .unary),
    .unary { bytes, context in
      let size = size(bytes)
      return .later {
        try await context.eventLoop.sleep(for: .milliseconds(20))
        return answer(size)
      }
    })
  router.register(
    method("Stubborn", .unary),
    .unary { _, context in
      .later {
        let loop = context.eventLoop
        // It does not care that nobody waits for it.
        await withUnsafeContinuation { continuation in
          loop.perform { loop.schedule(after: .seconds(2)) { continuation.resume() } }
        }
        return []
      }
    })
  router.register(
    method("Block", .unary),
    .unary { _, _ in
      // It holds its loop and all that lives there.
      while true { pause() }
    })
  router.register(
    method("Pour", .serverStreaming),
    .streaming { stream in
      let request = try await stream.next() ?? []
      let message = answer(request.withUnsafeBytes { size($0) })
      while true { try await stream.send(message) }
    })
  router.register(
    method("Sink", .clientStreaming),
    .streaming { stream in
      var count = 0
      while let message = try await stream.next() { count += message.count }
      try await stream.send(Array("\(count)".utf8))
    })
  router.register(
    method("Chat", .bidirectionalStreaming),
    .streaming { stream in
      while let message = try await stream.next() { try await stream.send(message) }
    })
  return router
}

func apply(_ setting: String, to configuration: inout ServerConfiguration) {
  let parts = setting.split(separator: "=")
  guard parts.count == 2, let number = Double(parts[1]) else {
    fatalError("NAME=NUMBER: \(setting)")
  }
  let time = Duration.milliseconds(Int64(number * 1000))
  switch parts[0] {
  case "handshakeTimeout": configuration.http2.handshakeTimeout = time
  case "messageTimeout": configuration.http2.messageTimeout = time
  case "stallTimeout": configuration.http2.stallTimeout = time
  case "maxIdle": configuration.http2.maxIdle = time
  case "maxAge": configuration.http2.maxAge = time
  case "ageGrace": configuration.http2.ageGrace = time
  case "minPingInterval": configuration.http2.minPingInterval = time
  case "maxConnections": configuration.maxConnections = Int(number)
  case "maxConnectionsPerAddress": configuration.maxConnectionsPerAddress = Int(number)
  case "maxHandshakes": configuration.maxHandshakes = Int(number)
  default: fatalError("there is no setting \(parts[0])")
  }
}

var configuration = ServerConfiguration()
var origins = WebOrigins()
_ = origins.allow("https://attack.example")
configuration.webOrigins = origins
var address = "127.0.0.1:0"
var hardEnd: Duration?
for argument in CommandLine.arguments.dropFirst() {
  if argument.hasPrefix("listen=") {
    address = String(argument.dropFirst(7))
  } else if argument.hasPrefix("hardEnd="), let seconds = Int(argument.dropFirst(8)) {
    hardEnd = .seconds(seconds)
  } else {
    apply(argument, to: &configuration)
  }
}
let group = try EventLoopGroup(count: 2)
let server = GRPCServer(configuration: configuration, router: makeRouter(), group: group)
let bound = try server.listen(
  on: SocketAddress.parse(address), sharesPort: address != "127.0.0.1:0")
print("serving on \(bound)")
fflush(nil)
while readLine() != nil {}
let watchdog = try EventLoop(name: "watchdog")
if let hardEnd {
  HardEnd.schedule(on: watchdog, after: hardEnd, code: 3, message: "did not stop in time")
}
await server.drain(grace: .seconds(10))
group.shutdown()
#endif
