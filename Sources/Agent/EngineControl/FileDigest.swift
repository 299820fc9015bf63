import FoundationEssentials
import Glibc
import Reactor

/// SHA-256 of weights, by coreutils' `sha256sum`; each version of a file is read once.
actor FileDigest {
  private struct Key: Hashable {
    var path: String
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private static let programs = ["/usr/bin/sha256sum", "/bin/sha256sum"]

  private let loop: EventLoop
  private let scratchFolder: String
  private var known: [Key: String] = [:]

  init(loop: EventLoop, scratchFolder: String) {
    self.loop = loop
    self.scratchFolder = scratchFolder
  }

  /// "sha256:" and 64 hexadecimal digits; empty when it cannot be computed, for an invented
  /// revision would be worse than none.
  func revision(of path: String) async -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "" }
    let key = Key(
      path: path, size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec))
    if let found = known[key] { return found }
    guard let digits = await compute(path) else { return "" }
    known[key] = "sha256:" + digits
    return "sha256:" + digits
  }

  private func compute(_ path: String) async -> String? {
    guard let program = Self.programs.first(where: { access($0, X_OK) == 0 }) else { return nil }
    let output = "\(scratchFolder)/digest-\(getpid())-\(loop.now().nanoseconds)"
    defer { unlink(output) }
    // Without a digest the revision is unknown, which is a true answer.
    guard
      let child = try? await ChildProcess.start(program, ["--", path], log: output, loop: loop),
      await child.wait(atMost: .seconds(300)) == .exited(0)
    else { return nil }
    let text = LogTail.read(output)
    let digits = text.drop { $0 == "\\" }.prefix(64)
    let isHexadecimal = digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
    return isHexadecimal ? String(digits) : nil
  }
}
