// Both sides of gRPC's interoperability tests, for the tests in `Tests/Interop`:
//   TestService serve ADDRESS            prints the bound address, serves until it is killed
//   TestService run CASE ADDRESS [no-probe]
// `no-probe` is for servers that cannot tell whether a request was compressed.
#if DEBUG
import GRPC
import Glibc
import Reactor

func serve(_ address: String) async throws {
  var router = Router()
  router.register(testService: TestProvider())
  let group = try EventLoopGroup(count: 2)
  let server = GRPCServer(router: router, group: group)
  print(try server.listen(on: SocketAddress.parse(address)))
  fflush(nil)
  try await group.loops[0].sleep(for: .seconds(86_400))
}

func run(_ name: String, _ address: String, probes: Bool) async throws {
  guard let body = Cases.all[name] else { throw CaseFailure("there is no case \(name)") }
  let loop = try EventLoop(name: "client")
  let channel = ClientChannel(target: address, loop: loop)
  try await body(Cases(channel: channel, probes: probes))
  await channel.close()
  loop.shutdown()
}

let words = CommandLine.arguments.dropFirst()
do {
  switch (words.first, words.count) {
  case ("serve", 2): try await serve(words[2])
  case ("run", 3...4): try await run(words[2], words[3], probes: words.last != "no-probe")
  case ("cases", 1): for name in Cases.all.keys.sorted() { print(name) }
  default:
    print("usage: TestService serve ADDRESS | run CASE ADDRESS [no-probe] | cases")
    exit(2)
  }
} catch {
  print("failed: \(error)")
  exit(1)
}
#else
print("The test service is for debug builds only.")
#endif
