import Synchronization

/// What all sessions of one server or client share; it may be used from any thread.
///
/// Sessions keep what they were made with, so `reload` touches no open connection.
package final class TLSContext: Sendable {
  enum Settings: Sendable {
    case server(TLSServerSettings)
    case client(TLSClientSettings)
  }

  private struct Loaded: Sendable {
    var handle: ContextHandle
    /// Of the files at the last attempt to load them.
    var stamps: [FileStamp]
  }

  private let settings: Settings
  private let loaded: Mutex<Loaded>

  /// Loads what a server needs.
  ///
  /// - Throws: `TLSError` that names the file which cannot be used.
  package convenience init(server: TLSServerSettings) throws(TLSError) {
    try self.init(.server(server))
  }

  /// Loads what a client needs.
  ///
  /// - Throws: `TLSError` that names the file which cannot be used.
  package convenience init(client: TLSClientSettings = TLSClientSettings()) throws(TLSError) {
    try self.init(.client(client))
  }

  private init(_ settings: Settings) throws(TLSError) {
    self.settings = settings
    let stamps = settings.stamps
    loaded = Mutex(Loaded(handle: try ContextHandle(settings), stamps: stamps))
  }

  /// Loads the files again, for sessions that begin from now on; when one of them cannot be used,
  /// what was loaded before stays.
  package func reload() throws(TLSError) {
    let stamps = settings.stamps
    loaded.withLock { $0.stamps = stamps }
    let handle = try ContextHandle(settings)
    loaded.withLock { $0.handle = handle }
  }

  /// Reloads when a file has changed since the last attempt, which need not have succeeded.
  ///
  /// - Returns: whether something was loaded.
  package func reloadIfChanged() throws(TLSError) -> Bool {
    let stamps = settings.stamps
    guard loaded.withLock({ $0.stamps != stamps }) else { return false }
    try reload()
    return true
  }

  /// One side of a new connection.
  ///
  /// - Parameter serverName: a client's: the host name or numeric address that the server's
  ///   certificate must be for.
  package func makeSession(serverName: String? = nil) throws(TLSError) -> TLSSession {
    let handle = loaded.withLock { $0.handle }
    switch settings {
    case .server: return try TLSSession(handle, role: .server, serverName: nil)
    case .client:
      guard let serverName, !serverName.isEmpty else {
        throw TLSError(.untrusted, "there is no name that the server's certificate must be for")
      }
      return try TLSSession(handle, role: .client, serverName: serverName)
    }
  }
}

extension TLSContext.Settings {
  /// Of every file, taken before it is read, so that a change meanwhile is seen the next time.
  var stamps: [FileStamp] { files.map { FileStamp(path: $0) } }

  private var files: [String] {
    switch self {
    case .server(let settings):
      [settings.keyPair.certificateFile, settings.keyPair.keyFile]
        + [settings.clientCAFile].compactMap { $0 }
    case .client(let settings):
      [settings.keyPair?.certificateFile, settings.keyPair?.keyFile, settings.caFile]
        .compactMap { $0 }
    }
  }
}
