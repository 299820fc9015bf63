package import ArgumentParser
import TLS

/// `benchfront-server token`: makes a token and the line of the access file that lets it in.
package struct TokenCommand: ParsableCommand {
  /// Name and abstract.
  package static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Makes a token, and the line of the access file for it.",
    discussion: """
      Only the digest goes into the file: the token is shown once. Give it to the command line \
      or the agent as BENCHFRONT_TOKEN.
      """)

  @Argument(help: "What the caller is called in logs and leases, such as ci or gpu-fleet.")
  var name: String

  @Argument(help: "reader, agent, operator or admin.")
  var role: String

  /// Made by the parser.
  package init() {}

  /// Refuses what the access file could not hold.
  package func validate() throws {
    guard AccessRules.roles(role) != nil else {
      throw ValidationError("'\(role)' is none of reader, agent, operator, admin")
    }
    guard !name.isEmpty, name.allSatisfy({ !$0.isWhitespace && $0 != "/" }) else {
      throw ValidationError("a name has neither spaces nor slashes")
    }
  }

  /// Prints both.
  package func run() {
    let token = Self.makeToken()
    writeLine("token:       \(token)", to: 1)
    writeLine(
      "access file: token \(name) \(role) sha256:\(Digest(of: token).hexadecimal)", to: 1)
  }

  /// 256 bits from the system's generator.
  static func makeToken() -> String {
    var generator = SystemRandomNumberGenerator()
    let words = (0..<4).map { _ in
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return "bf_" + words.joined()
  }
}
