import Testing

@testable import RedisClient

@Suite("The address of a Redis")
struct RedisURLTests {
  @Test("every form")
  func forms() throws {
    for (text, address, user, password, database) in [
      ("redis://cache", "cache:6379", "", "", 0),
      ("redis://cache:7000/", "cache:7000", "", "", 0),
      ("redis://cache/3", "cache:6379", "", "", 3),
      ("redis://:secret@127.0.0.1:6380/15", "127.0.0.1:6380", "", "secret", 15),
      ("redis://me:p%40ss%3A%2F@cache", "cache:6379", "me", "p@ss:/", 0),
      ("redis://me:a:b@cache", "cache:6379", "me", "a:b", 0),
      ("redis://[::1]", "[::1]:6379", "", "", 0),
      ("redis://[::1]:7000/2", "[::1]:7000", "", "", 2),
      ("unix:/run/redis.sock", "unix:/run/redis.sock", "", "", 0),
      ("unix:redis.sock?db=4", "unix:redis.sock", "", "", 4),
      ("unix:///run/a%20b", "unix:/run/a b", "", "", 0),
      ("unix://me:x@/run/redis.sock?db=1", "unix:/run/redis.sock", "me", "x", 1),
    ] {
      let url = try RedisURL(parsing: text)
      #expect(url.address == address)
      #expect(url.user == user && url.password == password && url.database == database, "\(text)")
    }
  }

  @Test("what makes no sense is refused with the reason, and without the password")
  func refusals() {
    for (text, reason) in [
      ("", "neither redis:// nor unix:"), ("localhost:6379", "neither redis:// nor unix:"),
      ("http://cache", "neither redis:// nor unix:"), ("rediss://:secret@cache", "needs TLS"),
      ("redis://", "no host"), ("redis://:secret@", "no host"), ("redis://:6379", "no host"),
      ("redis://cache:port", "no port"), ("redis://cache:70000", "no port"),
      ("redis://::1:6379", "brackets"), ("redis://cache/x", "not a number"),
      ("redis://me:secret/1@cache", "%2F"), ("redis://cache/-1", "not a number"),
      ("redis://cache/1/2", "not a number"),
      ("redis://cache?db=1", "not known"), ("redis://secret@cache", "user:password"),
      ("redis://me:@cache", "no password"), ("redis://:secret%4@cache", "hexadecimal"),
      ("redis://:secret%zz@cache", "hexadecimal"), ("redis://:secret%ff@cache", "no UTF-8"),
      ("redis://:secret%+1@cache", "hexadecimal"),
      ("unix:", "1 to"), ("unix:" + String(repeating: "x", count: 200), "1 to"),
      ("unix://host/path", "slash"), ("unix://path", "no path"), ("unix:/p?x=1", "?db=N"),
      ("unix:/p?db=a", "not a number"), ("unix:/a%00b", "1 to"),
    ] {
      let error = #expect(throws: RedisError.self, "\(text)") { try RedisURL(parsing: text) }
      #expect(error?.kind == .configuration)
      #expect(error?.message.contains(reason) == true, "\(text): \(error?.message ?? "")")
      #expect(error?.message.contains("secret") != true)
    }
  }

  @Test("what is logged has no password")
  func description() throws {
    #expect("\(try RedisURL(parsing: "redis://me:secret@cache/2"))" == "redis://cache:6379/2")
    #expect("\(try RedisURL(parsing: "unix://me:secret@/s?db=2"))" == "unix:/s?db=2")
    #expect("\(try RedisURL(parsing: "redis://cache"))" == "redis://cache:6379")
  }
}
