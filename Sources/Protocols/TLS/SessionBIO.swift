import COpenSSL

/// The library's way to a session's bytes: it reads what `receive` was given and writes straight
/// to the delegate, so that no connection keeps buffers of its own
/// (https://docs.openssl.org/3.0/man3/BIO_meth_new/).
enum SessionBIO {
  /// A BIO that reads from and writes to `session`, which must outlive it.
  static func make(for session: TLSSession) -> OpaquePointer? {
    guard let method = method.pointer, let bio = BIO_new(method) else { return nil }
    BIO_set_data(bio, Unmanaged.passUnretained(session).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  /// The session of an SSL object.
  static func session(of ssl: OpaquePointer) -> TLSSession? { recover(SSL_get_rbio(ssl)) }

  /// The table of functions that all of them share.
  // @unchecked: nothing changes it once it is made.
  private struct Method: @unchecked Sendable {
    let pointer: OpaquePointer?
  }

  private static let retryFlags =
    BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

  private static let method: Method = {
    let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
    guard let method = BIO_meth_new(kind, "session") else { return Method(pointer: nil) }
    BIO_meth_set_read(method) { bio, bytes, count in
      BIO_clear_flags(bio, retryFlags)
      guard let session = recover(bio), count > 0 else { return -1 }
      let room = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
      let moved = session.moveInput(into: room)
      if moved == 0 { BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY) }
      return moved == 0 ? -1 : Int32(moved)
    }
    BIO_meth_set_write(method) { bio, bytes, count in
      BIO_clear_flags(bio, retryFlags)
      guard let session = recover(bio), count > 0 else { return -1 }
      session.produced(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      return count
    }
    BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
    return Method(pointer: method)
  }()
}

private func recover(_ bio: OpaquePointer?) -> TLSSession? {
  BIO_get_data(bio).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
}
