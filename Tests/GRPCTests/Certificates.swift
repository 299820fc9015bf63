import Foundation
import GRPC
import TLS

/// Certificates made for this process by `Tests/Interop/certificates.sh`, which says what they are.
enum Certificates {
  static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-certificates-\(getpid())-grpc")
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Interop/certificates.sh")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let process = Process()
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = [script.path(), folder.path()]
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      precondition(process.terminationStatus == 0, "no certificates: is openssl installed?")
    } catch {
      preconditionFailure("no certificates: \(error)")
    }
    atexit { try? FileManager.default.removeItem(at: Certificates.folder) }
    return folder
  }()

  static func file(_ name: String) -> String { folder.appending(path: name).path() }

  static func pair(_ name: String) -> TLSKeyPair {
    TLSKeyPair(certificateFile: file(name + ".pem"), keyFile: file(name + ".key"))
  }
}

/// A context of a server; `clientCA` names the CA that clients need.
func serverContext(
  _ name: String = "server", clientCA: String? = nil, newest: TLSVersion = .tls13
) throws -> TLSContext {
  var settings = TLSServerSettings(
    keyPair: Certificates.pair(name), clientCAFile: clientCA.map { Certificates.file($0 + ".pem") })
  settings.newestVersion = newest
  return try TLSContext(server: settings)
}

/// The configuration of a client that trusts `ca`.
func secureClient(
  ca: String = "ca", _ name: String? = nil, serverName: String? = nil, newest: TLSVersion = .tls13
) throws -> ClientConfiguration {
  var settings = TLSClientSettings(
    caFile: Certificates.file(ca + ".pem"), keyPair: name.map { Certificates.pair($0) })
  settings.newestVersion = newest
  var configuration = ClientConfiguration()
  configuration.tls = ClientTLS(context: try TLSContext(client: settings), serverName: serverName)
  return configuration
}
