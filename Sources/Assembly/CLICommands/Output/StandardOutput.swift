// It declares standard output as a variable that anybody may change; nobody here does.
@preconcurrency import Glibc

/// What became of what the command printed.
enum StandardOutput {
  /// Writes what is still buffered. Returns why something of what was printed is lost, be it now or
  /// before; nil when all of it was written.
  static func finish() -> String? { finish(stdout) }

  /// The same of any stream.
  static func finish(_ stream: UnsafeMutablePointer<FILE>) -> String? {
    if fflush(stream) != 0 {
      return "the output cannot be written: \(String(cString: strerror(errno)))"
    }
    return ferror(stream) == 0 ? nil : "the output was not written whole"
  }
}
