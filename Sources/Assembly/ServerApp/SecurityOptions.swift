import ArgumentParser
import GRPC
import TLS

/// How connections are encrypted, and who may call.
struct SecurityOptions: ParsableArguments {
  @Option(
    name: .long,
    help: .init(
      "Certificate chain (PEM); with it every TCP address of --listen speaks TLS. Read again when "
        + "it changes, and on SIGHUP.", valueName: "file"))
  var tlsCert: String?

  @Option(name: .long, help: .init("Its private key (PEM, not encrypted).", valueName: "file"))
  var tlsKey: String?

  @Option(
    name: .long,
    help: .init(
      "CAs (PEM); over TLS only clients with a certificate of one of them are served.",
      valueName: "file"))
  var clientCa: String?

  @Option(
    name: .long,
    help: .init(
      "Further HOST:PORT or unix:PATH to serve on, in cleartext; repeatable.",
      valueName: "address"))
  var listenCleartext: [String] = []

  @Option(
    name: .long,
    help: .init(
      "Who may do what: tokens, certificates and an issuer of signed tokens; without it everybody "
        + "may do everything. Read again when it changes. (docs/access.md)", valueName: "file"))
  var accessFile: String?

  @Option(
    name: .long,
    help: .init(
      "Origin such as https://dash.example whose pages may call by gRPC-Web, or * for any; "
        + "repeatable. Without it gRPC-Web is not spoken. (docs/transport.md)",
      valueName: "origin"))
  var webOrigin: [String] = []

  /// Flags, else the environment; nil for no gRPC-Web.
  func webOrigins(_ environment: Environment) throws(StartupError) -> WebOrigins? {
    let texts = webOrigin.isEmpty ? environment.list("WEB_ORIGIN") ?? [] : webOrigin
    var origins = WebOrigins()
    for text in texts where !origins.allow(text) {
      throw StartupError(
        .usage,
        "'\(text)' is not an origin, such as https://dash.example or http://localhost:8080, nor *")
    }
    return texts.isEmpty ? nil : origins
  }

  /// Flags, else the environment; nil for cleartext.
  func settings(_ environment: Environment) throws(StartupError) -> TLSServerSettings? {
    let clientCA = clientCa ?? environment["CLIENT_CA"]
    switch (tlsCert ?? environment["TLS_CERT"], tlsKey ?? environment["TLS_KEY"]) {
    case (let certificate?, let key?):
      return TLSServerSettings(
        keyPair: TLSKeyPair(certificateFile: certificate, keyFile: key), clientCAFile: clientCA)
    case (nil, nil):
      guard clientCA == nil else {
        throw StartupError(.usage, "--client-ca needs --tls-cert and --tls-key")
      }
      return nil
    default:
      throw StartupError(.usage, "--tls-cert and --tls-key are given together or not at all")
    }
  }
}
