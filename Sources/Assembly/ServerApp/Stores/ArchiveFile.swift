import Glibc

/// Where archives are.
enum ArchiveFile {
  /// What stands for standard input and output.
  static let standard = "-"

  static func error(_ doing: String, _ path: String, _ code: Int32) -> StartupError {
    let kind: StartupError.Kind =
      switch code {
      case ENOENT, ENOTDIR: .notFound
      case ENOSPC, EDQUOT: .unavailable
      default: .failed
      }
    return StartupError(kind, "cannot \(doing) \(path): \(String(cString: strerror(code)))")
  }
}

/// An archive that is read.
final class ArchiveInput: Sendable {
  private static let pieceSize = 256 << 10

  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(StartupError) {
    self.path = path
    descriptor = path == ArchiveFile.standard ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ArchiveFile.error("open", path, errno) }
  }

  deinit { if descriptor > 0 { close(descriptor) } }

  /// The next bytes; none at the end. Blocks.
  func read() throws(StartupError) -> [UInt8] {
    while true {
      var count = 0
      let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, used in
        count = Glibc.read(descriptor, buffer.baseAddress, Self.pieceSize)
        used = max(0, count)
      }
      if count >= 0 { return piece }
      guard errno == EINTR else { throw ArchiveFile.error("read", path, errno) }
    }
  }
}

/// An archive that is written: a file of that name appears when it is whole.
final class ArchiveOutput: Sendable {
  private let path: String
  /// What is written; other than `path` where that is or becomes a plain file.
  private let target: String
  private let descriptor: Int32

  init(_ path: String) throws(StartupError) {
    self.path = path
    var status = stat()
    // A pipe or a device takes bytes as they come.
    let isPlain = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    target = isPlain ? path + ".partial" : path
    descriptor =
      path == ArchiveFile.standard
      ? 1 : open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ArchiveFile.error("make", path, errno) }
  }

  deinit {
    guard descriptor > 1 else { return }
    close(descriptor)
    // It is gone where it was finished.
    if target != path { unlink(target) }
  }

  /// Writes all bytes. Blocks.
  func write(_ bytes: [UInt8]) throws(StartupError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else {
        throw ArchiveFile.error("write", path, errno)
      }
      rest = rest.dropFirst(max(0, count))
    }
  }

  /// Brings all to the disk, under the name that was asked for.
  func finish() throws(StartupError) {
    guard target != path, path != ArchiveFile.standard else { return }
    guard fsync(descriptor) == 0, rename(target, path) == 0 else {
      throw ArchiveFile.error("write", path, errno)
    }
  }
}
