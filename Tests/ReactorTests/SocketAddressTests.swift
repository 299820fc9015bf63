import Reactor
import Testing

@Suite("Socket address")
struct SocketAddressTests {
  @Test(
    "an address reads back as it is written",
    arguments: ["127.0.0.1:0", "[::1]:5", "unix:/tmp/x.sock", "10.1.2.3:65535", "[fe80::1]:80"])
  func roundTrip(text: String) throws {
    #expect(try SocketAddress.parse(text).description == text)
  }

  @Test("short names of local addresses are read")
  func shortNames() throws {
    #expect(try SocketAddress.parse("localhost:7").description == "127.0.0.1:7")
    #expect(try SocketAddress.parse("*:7").description == "0.0.0.0:7")
  }

  @Test(
    "what is not an address is refused",
    arguments: [
      "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]",
      "256.0.0.1:1", "unix:", "unix:" + String(repeating: "x", count: 108), "example.org:80",
    ])
  func refused(text: String) {
    #expect(throws: ReactorError.self) { try SocketAddress.parse(text) }
  }

  @Test("the form of an address is checked without looking its host up")
  func form() throws {
    for text in ["127.0.0.1:1", "no-such-host.invalid:80", "[::1]:5", "unix:/tmp/x.sock"] {
      try SocketAddress.check(text)
    }
    for (text, words) in [
      ("nope", "has no port"), (":80", "has no host"), ("::1:80", "in brackets"),
      ("http://127.0.0.1:80", "is a URL"), ("unix:", "1 to"),
    ] {
      let error = #expect(throws: ReactorError.self) { try SocketAddress.check(text) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }

  @Test("an unknown name is reported, a known one is looked up")
  func resolve() async throws {
    #expect(try await SocketAddress.resolve("127.0.0.1:9").map(\.description) == ["127.0.0.1:9"])
    await #expect(throws: ReactorError.self) {
      try await SocketAddress.resolve("no-such-host.invalid:80")
    }
  }
}
