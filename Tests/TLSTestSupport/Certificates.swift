package import Foundation
package import TLS

/// Certificates made for this process by `Tests/Interop/certificates.sh`, which says what they are.
package enum Certificates {
  /// Where they lie; taken away with the process.
  package static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-certificates-\(getpid())")
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

  /// The path of one of the script's files.
  package static func file(_ name: String) -> String { folder.appending(path: name).path() }

  /// A certificate and its key.
  package static func pair(_ name: String) -> TLSKeyPair {
    TLSKeyPair(certificateFile: file(name + ".pem"), keyFile: file(name + ".key"))
  }
}

/// A context of a server; `clientCA` names the CA that clients need.
package func serverContext(
  _ name: String = "server", clientCA: String? = nil, newest: TLSVersion = .tls13
) throws -> TLSContext {
  var settings = TLSServerSettings(
    keyPair: Certificates.pair(name), clientCAFile: clientCA.map { Certificates.file($0 + ".pem") })
  settings.newestVersion = newest
  return try TLSContext(server: settings)
}

/// A context of a client that trusts `ca`.
package func clientContext(
  ca: String = "ca", _ name: String? = nil, newest: TLSVersion = .tls13
) throws -> TLSContext {
  var settings = TLSClientSettings(
    caFile: Certificates.file(ca + ".pem"), keyPair: name.map { Certificates.pair($0) })
  settings.newestVersion = newest
  return try TLSContext(client: settings)
}
