internal import Glibc
internal import Storage

/// Holds a data folder for one process: a lock on the file `lock` in it, which the kernel drops
/// when the process ends, however it ends.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the folder; `unavailable` when another server has it or it cannot be written.
  init(folder: String) throws(StorageError) {
    // Close-on-exec: a process that the server starts must not keep the folder.
    let descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StorageError(.unavailable, "The data folder cannot be written.")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      close(descriptor)
      throw StorageError(
        .unavailable,
        isTaken
          ? "Another server is using this data folder." : "The data folder cannot be locked.")
    }
    self.descriptor = descriptor
  }

  /// Frees the folder before the lock itself is gone.
  func release() { flock(descriptor, LOCK_UN) }

  deinit { close(descriptor) }
}
