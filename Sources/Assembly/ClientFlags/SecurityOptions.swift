import ArgumentParser
package import GRPC
import Glibc
import TLS

/// How the way to the server is encrypted, and who calls: the flags of every client of ours.
package struct SecurityOptions: ParsableArguments {
  @Flag(
    help: "Speak TLS and trust the system's CAs; BENCHFRONT_TLS=true. The next four imply it.")
  var tls = false

  @Option(help: .init("CAs (PEM) to trust instead; BENCHFRONT_CA.", valueName: "file"))
  var ca: String?

  @Option(
    help: .init("Certificate (PEM) to show; BENCHFRONT_CLIENT_CERT.", valueName: "file"))
  var clientCert: String?

  @Option(help: .init("Its private key (PEM); BENCHFRONT_CLIENT_KEY.", valueName: "file"))
  var clientKey: String?

  @Option(
    help: .init(
      "Name that the server's certificate must be for, when it is not the address's host; "
        + "BENCHFRONT_SERVER_NAME.", valueName: "name"))
  var serverName: String?

  @Option(
    help: .init(
      "Token that the server knows; better BENCHFRONT_TOKEN, which no list of processes shows.",
      valueName: "token"))
  var token: String?

  /// Made by the parser.
  package init() {}

  /// The token to show, if any.
  package var bearerToken: String? { token ?? environmentVariable("BENCHFRONT_TOKEN") }

  /// What the flags and the environment say; nil for cleartext.
  package func clientTLS() throws -> ClientTLS? {
    do {
      return try ClientTLS.fromFlags(
        isWanted: tls || ["true", "1"].contains(environmentVariable("BENCHFRONT_TLS")),
        caFile: ca ?? environmentVariable("BENCHFRONT_CA"),
        certificateFile: clientCert ?? environmentVariable("BENCHFRONT_CLIENT_CERT"),
        keyFile: clientKey ?? environmentVariable("BENCHFRONT_CLIENT_KEY"),
        serverName: serverName ?? environmentVariable("BENCHFRONT_SERVER_NAME"))
    } catch {
      throw ValidationError(error.message)
    }
  }
}

/// A variable of the environment; nil when it is unset or empty.
package func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
