import Glibc

/// Which content a path had: it differs after every write and every replacement of the file.
package struct FileStamp: Sendable, Equatable {
  private var device: UInt = 0
  private var inode: UInt = 0
  private var size = 0
  private var seconds = 0
  private var nanoseconds = 0

  /// The stamp of a file now; all zero when it cannot be looked at.
  package init(path: String) {
    var found = stat()
    guard stat(path, &found) == 0 else { return }
    device = UInt(found.st_dev)
    inode = UInt(found.st_ino)
    size = Int(found.st_size)
    // The time of change moves even when the time of writing is set back, as copying tools do.
    seconds = found.st_ctim.tv_sec
    nanoseconds = found.st_ctim.tv_nsec
  }
}
