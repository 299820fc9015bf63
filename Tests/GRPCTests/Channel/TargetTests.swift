import Reactor
import Testing

@testable import GRPC

@Suite("Targets of a channel")
struct TargetTests {
  @Test(
    "a target is read as gRPC's naming says",
    arguments: [
      ("a.example:1", ["a.example:1"], "dns:///a.example:1"),
      ("127.0.0.1:1,b:2", ["127.0.0.1:1", "b:2"], "127.0.0.1:1,b:2"),
      ("dns:a:1", ["a:1"], "dns:a:1"),
      ("dns:///a:1", ["a:1"], "dns:///a:1"),
      ("dns:///a", ["a:443"], "dns:///a"),
      ("ipv4:1.2.3.4:5,6.7.8.9", ["1.2.3.4:5", "6.7.8.9:443"], "ipv4:1.2.3.4:5,6.7.8.9"),
      ("ipv6:[::1]:5,[::2],::3", ["[::1]:5", "[::2]:443", "[::3]:443"], "ipv6:[::1]:5,[::2],::3"),
      ("unix:/tmp/x", ["unix:/tmp/x"], "unix:/tmp/x"),
      ("unix:x", ["unix:x"], "unix:x"),
      ("unix:///tmp/x", ["unix:/tmp/x"], "unix:///tmp/x"),
    ])
  func reads(text: String, places: [String], canonical: String) throws {
    let target = try Target(parsing: text)
    #expect(target.places == places)
    #expect(target.description == canonical)
  }

  @Test(
    "what is not a target is refused with the reason",
    arguments: [
      ("", "no port"), ("nope", "no port"), ("a:1,", "no port"), (",a:1", "no port"),
      (":1", "no host"), ("http://a:1", "is a URL"), ("dns://8.8.8.8/a:1", "cannot be chosen"),
      ("unix://x", "unix:///PATH"), ("unix:", "1 to"), ("ipv4:a:1", "numeric"),
      ("ipv4:[::1]:1", "family"), ("ipv6:1.2.3.4:1", "family"),
      (String(repeating: "a:1,", count: 64) + "a:1", "at most 64"),
    ])
  func refuses(text: String, words: String) {
    let error = #expect(throws: ReactorError.self) { try Target(parsing: text) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("each server keeps the name that its certificate must be for")
  func hosts() async throws {
    let target = try Target(parsing: "localhost:1,127.0.0.1:2,unix:/tmp/x")
    let found = try await SystemResolver().resolve(target)
    #expect(found.map(\.authority) == ["localhost:1", "127.0.0.1:2", "localhost"])
    #expect(found.map(\.host) == ["localhost", "127.0.0.1", nil])
    #expect(found.map(\.address.description) == ["127.0.0.1:1", "127.0.0.1:2", "unix:/tmp/x"])
  }

  @Test("names that are not known are left out as long as one is")
  func partlyUnknown() async throws {
    let target = try Target(parsing: "no-such-host.invalid:1,127.0.0.1:2")
    #expect(try await SystemResolver().resolve(target).map(\.authority) == ["127.0.0.1:2"])
    await #expect(throws: ReactorError.self) {
      try await SystemResolver().resolve(Target(parsing: "no-such-host.invalid:1"))
    }
  }

  @Test("a name's addresses of both families stand by turns, the system's first in front")
  func families() throws {
    let texts = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]
    let addresses = try texts.map { try SocketAddress.parse($0) }
    let mixed = SystemResolver.interleaved(addresses).map(\.description)
    #expect(mixed == ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"])
    let reversed = SystemResolver.interleaved(addresses.reversed()).map(\.description)
    #expect(reversed == ["2.2.2.2:1", "[::3]:1", "1.1.1.1:1", "[::2]:1", "[::1]:1"])
    #expect(SystemResolver.interleaved([]).isEmpty)
  }
}
