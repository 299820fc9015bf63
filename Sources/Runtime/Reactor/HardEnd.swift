import Glibc

/// Ends the process when stopping takes too long: a handler that blocks its loop for ever must not
/// keep a server from being replaced.
package enum HardEnd {
  /// Writes `message` as a line to standard error after `time`, and ends the process with `code`,
  /// whatever its other threads do; callable from any thread. `loop` is one that runs nothing which
  /// could block it.
  package static func schedule(
    on loop: EventLoop, after time: Duration, code: Int32, message: String
  ) {
    loop.execute {
      loop.schedule(after: time) {
        tell(message + "\n")
        _exit(code)
      }
    }
  }

  /// Says it where that does not wait: a reader of our log that has stopped to read may be what
  /// blocks the others.
  private static func tell(_ line: String) {
    var standardError = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&standardError, 1, 0) == 1 else { return }
    let bytes = Array(line.utf8)
    _ = write(2, bytes, bytes.count)
  }
}
