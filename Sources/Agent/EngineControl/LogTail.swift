import Glibc

/// Reads the end of a log.
enum LogTail {
  /// The last lines of a file, at most `bytes` of them; empty when it cannot be read.
  static func read(_ path: String, bytes: Int = 2000) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    let start = max(0, size - bytes)
    var buffer = [UInt8](repeating: 0, count: bytes)
    let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, bytes, start) }
    guard count > 0 else { return "" }
    var text = String(decoding: buffer[..<count], as: UTF8.self)
    if start > 0, let newline = text.firstIndex(of: "\n") {
      text = String(text[text.index(after: newline)...])
    }
    return text
  }
}
