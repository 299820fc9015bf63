import CCurl
import Reactor

/// A `CURLM *` on one event loop: libcurl names sockets and a timer, the loop calls it back.
///
/// https://curl.se/libcurl/c/curl_multi_socket_action.html
final class MultiHandle {
  private let raw: UnsafeMutableRawPointer
  private let loop: EventLoop
  private var watches: [Int32: Watch] = [:]
  private var timer: Timer?
  /// True while libcurl runs, when it must not be entered again.
  private(set) var isInside = false
  /// Called outside of libcurl for each transfer that has ended, with its `CURLcode`.
  var onEnd: ((Transfer, UInt32) -> Void)?

  init(loop: EventLoop) throws(TransferError) {
    self.loop = loop
    // Idempotent and thread-safe in the libcurl that Debian builds.
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
      let raw = curl_multi_init()
    else { throw TransferError(.failed, "libcurl cannot be started") }
    self.raw = raw
    let code = ccurl_multi_set_callbacks(
      raw,
      { _, socket, what, context, _ in
        MultiHandle.recover(context).socketChanged(socket, what)
        return 0
      },
      { _, milliseconds, context in
        MultiHandle.recover(context).timerChanged(milliseconds)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
    guard code == CURLM_OK else { throw TransferError(.failed, "libcurl takes no callbacks") }
  }

  deinit {
    curl_multi_cleanup(raw)
    timer?.cancel()
    for watch in watches.values { watch.cancel() }
  }

  private static func recover(_ context: UnsafeMutableRawPointer?) -> MultiHandle {
    guard let context else { preconditionFailure("libcurl lost the context that we gave it") }
    return Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue()
  }

  // MARK: Transfers

  func add(_ handle: EasyHandle) {
    enter { curl_multi_add_handle(raw, handle.raw) }
  }

  func remove(_ handle: EasyHandle) {
    enter { curl_multi_remove_handle(raw, handle.raw) }
  }

  private func enter(_ body: () -> CURLMcode) {
    precondition(!isInside, "libcurl was entered from one of its callbacks")
    isInside = true
    let code = body()
    isInside = false
    precondition(code == CURLM_OK, "libcurl refused a handle: code \(code.rawValue)")
  }

  // MARK: From libcurl

  private func socketChanged(_ socket: curl_socket_t, _ what: Int32) {
    let interest: Interest
    switch what {
    case CURL_POLL_IN: interest = .read
    case CURL_POLL_OUT: interest = .write
    case CURL_POLL_INOUT: interest = [.read, .write]
    default:
      watches.removeValue(forKey: socket)?.cancel()
      return
    }
    if let watch = watches[socket] { return watch.update(interest) }
    // A socket that cannot be polled runs into its transfer's timeout.
    watches[socket] = try? loop.watch(socket, interest) { [weak self] readiness in
      self?.act(socket, readiness)
    }
  }

  private func timerChanged(_ milliseconds: Int) {
    timer?.cancel()
    timer = nil
    guard milliseconds >= 0 else { return }
    timer = loop.schedule(after: .milliseconds(milliseconds)) { [weak self] in
      self?.timer = nil
      self?.act(CURL_SOCKET_TIMEOUT, [])
    }
  }

  // MARK: From the loop

  private func act(_ socket: curl_socket_t, _ readiness: Readiness) {
    var mask: Int32 = 0
    if !readiness.isDisjoint(with: [.readable, .hangUp]) { mask |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
    if readiness.contains(.error) { mask |= CURL_CSELECT_ERR }
    var running: Int32 = 0
    enter { curl_multi_socket_action(raw, socket, mask, &running) }
    reportEnds()
  }

  private func reportEnds() {
    // The transfers are held: one's delegate may cancel another before its turn comes.
    var ended: [(Transfer, UInt32)] = []
    var left: Int32 = 0
    while let message = curl_multi_info_read(raw, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = ccurl_message_transfer(message),
        let transfer = EasyHandle.owner(of: easy)
      else { continue }
      ended.append((transfer, ccurl_message_result(message).rawValue))
    }
    for (transfer, code) in ended { onEnd?(transfer, code) }
  }
}
