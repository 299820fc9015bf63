import Foundation
import TLS

/// Certificates made for this process by `Tests/Interop/certificates.sh`, which says what they are.
enum Certificates {
  static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-certificates-\(getpid())-tls")
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

/// A context of a client that trusts `ca`.
func clientContext(
  ca: String = "ca", _ name: String? = nil, newest: TLSVersion = .tls13
) throws -> TLSContext {
  var settings = TLSClientSettings(
    caFile: Certificates.file(ca + ".pem"), keyPair: name.map { Certificates.pair($0) })
  settings.newestVersion = newest
  return try TLSContext(client: settings)
}

/// One side of a connection in memory.
final class Side: TLSSessionDelegate {
  let session: TLSSession
  var output: [UInt8] = []
  var received: [UInt8] = []
  var establishedCalls = 0
  var error: TLSError?

  init(_ session: TLSSession) {
    self.session = session
    session.delegate = self
  }

  func sessionProduced(_ ciphertext: RawSpan) {
    ciphertext.withUnsafeBytes { output.append(contentsOf: $0) }
  }

  func sessionReceived(_ plaintext: RawSpan) {
    plaintext.withUnsafeBytes { received.append(contentsOf: $0) }
  }

  func sessionEstablished() { establishedCalls += 1 }

  func take() -> [UInt8] {
    defer { output = [] }
    return output
  }

  func receive(_ bytes: [UInt8], pieceBytes: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty, error == nil {
      let piece = Array(rest.prefix(pieceBytes))
      rest = rest.dropFirst(pieceBytes)
      do { try session.receive(piece.span.bytes) } catch { self.error = error }
    }
  }

  func send(_ bytes: [UInt8]) throws { try session.send(bytes.span.bytes) }
}

/// A client and a server back to back.
struct Pair {
  let client: Side
  let server: Side

  init(
    client: TLSContext, server: TLSContext, serverName: String = "localhost"
  ) throws {
    self.client = Side(try client.makeSession(serverName: serverName))
    self.server = Side(try server.makeSession())
    try self.client.session.start()
  }

  /// Carries bytes both ways, in pieces, until neither side has any.
  func run(pieceBytes: Int = .max) {
    while true {
      let there = client.take()
      server.receive(there, pieceBytes: pieceBytes)
      let back = server.take()
      client.receive(back, pieceBytes: pieceBytes)
      if there.isEmpty, back.isEmpty { return }
    }
  }
}
