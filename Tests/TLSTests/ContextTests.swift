import Foundation
import TLS
import TLSTestSupport
import Testing

@Suite("TLS contexts")
struct ContextTests {
  /// A folder with copies of a server's files.
  private final class Files {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    var pair: TLSKeyPair {
      TLSKeyPair(
        certificateFile: folder.appending(path: "tls.pem").path(),
        keyFile: folder.appending(path: "tls.key").path())
    }

    init(_ name: String) throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try put(name)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func put(_ name: String) throws {
      try write(Data(contentsOf: URL(filePath: Certificates.file(name + ".pem"))), to: "tls.pem")
      try write(Data(contentsOf: URL(filePath: Certificates.file(name + ".key"))), to: "tls.key")
    }

    func write(_ data: Data, to name: String) throws {
      try data.write(to: folder.appending(path: name), options: .atomic)
    }
  }

  private func error(_ body: () throws -> Void) -> TLSError? {
    do { try body() } catch { return error as? TLSError }
    return nil
  }

  private func serves(_ context: TLSContext, _ name: String) throws -> Bool {
    let pair = try Pair(client: clientContext(), server: context, serverName: name)
    pair.run()
    return pair.client.session.isEstablished
  }

  @Test("a file that cannot be used is named, with the reason")
  func badFiles() throws {
    let good = Certificates.pair("server")
    func failure(_ certificate: String, _ key: String, ca: String? = nil) -> String {
      let settings = TLSServerSettings(
        keyPair: TLSKeyPair(certificateFile: certificate, keyFile: key), clientCAFile: ca)
      let error = error { _ = try TLSContext(server: settings) }
      #expect(error?.code == .badFile)
      return error?.message ?? ""
    }
    #expect(
      failure("/nowhere.pem", good.keyFile)
        == "the certificate file '/nowhere.pem' cannot be read: No such file or directory")
    #expect(failure(good.certificateFile, "/nowhere.key").contains("key file '/nowhere.key'"))
    #expect(failure(good.keyFile, good.keyFile).contains("holds no certificate in PEM form"))
    #expect(
      failure(good.certificateFile, good.certificateFile)
        .contains("holds no private key in PEM form"))
    #expect(
      failure(good.certificateFile, Certificates.file("client.key"))
        .contains("does not belong to the certificate in"))
    #expect(
      failure(good.certificateFile, Certificates.file("encrypted.key")).contains("is encrypted"))
    #expect(
      failure(good.certificateFile, good.keyFile, ca: good.keyFile)
        .contains("holds no CA certificate in PEM form"))
    let client = error {
      _ = try TLSContext(client: TLSClientSettings(caFile: "/nowhere.pem"))
    }
    #expect(client?.message.contains("'/nowhere.pem'") == true)
  }

  @Test("changed files serve new sessions, and touch no old one")
  func reload() throws {
    let files = try Files("server")
    let context = try TLSContext(server: TLSServerSettings(keyPair: files.pair))
    let old = try Pair(client: clientContext(), server: context)
    old.run()
    let half = try Pair(client: clientContext(), server: context)
    #expect(try !context.reloadIfChanged())
    try files.put("elsewhere")
    #expect(try serves(context, "localhost"))
    #expect(try context.reloadIfChanged())
    #expect(try serves(context, "elsewhere.example") && !serves(context, "localhost"))
    try old.client.send([7])
    old.run()
    half.run()
    #expect(old.server.received == [7] && half.client.session.isEstablished)
    #expect(try !context.reloadIfChanged())
  }

  @Test("a broken new file leaves the old certificate in use, and is reported once")
  func brokenReload() throws {
    let files = try Files("server")
    let context = try TLSContext(server: TLSServerSettings(keyPair: files.pair))
    try files.write(Data("half a certif".utf8), to: "tls.pem")
    #expect(error { _ = try context.reloadIfChanged() }?.code == .badFile)
    #expect(error { _ = try context.reloadIfChanged() } == nil)
    #expect(error { try context.reload() }?.code == .badFile)
    #expect(try serves(context, "localhost"))
    try FileManager.default.removeItem(atPath: files.pair.certificateFile)
    #expect(error { _ = try context.reloadIfChanged() }?.code == .badFile)
    #expect(try serves(context, "localhost"))
    try files.put("elsewhere")
    #expect(try context.reloadIfChanged())
    #expect(try serves(context, "elsewhere.example"))
  }
}
