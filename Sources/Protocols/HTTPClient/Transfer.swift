package import Reactor

/// Hears how a transfer goes; every method is called on the client's loop.
package protocol TransferDelegate: AnyObject {
  /// The connection stands and the request is about to be written.
  func transferSent(at time: MonotonicTime)
  /// The first byte of the answer came at `firstByte`; its head is whole.
  func transferReceived(_ head: TransferHead, firstByte: MonotonicTime)
  /// Bytes of the body came; they are valid during the call.
  func transferReceived(_ bytes: RawSpan, at time: MonotonicTime)
  /// It has ended; called once, last.
  func transferEnded(_ outcome: Result<Void, TransferError>, at time: MonotonicTime)
}

/// A request under way; it is used on its client's loop only.
package final class Transfer {
  let request: TransferRequest
  let handle: EasyHandle
  private(set) var delegate: (any TransferDelegate)?
  private weak var client: TransferClient?
  /// Why our side ended it; wins over what libcurl says.
  private(set) var ownError: TransferError?
  private(set) var firstByte: MonotonicTime?
  private(set) var lastByte: MonotonicTime
  private var head = TransferHead(status: 0, headers: [])
  private var bodyBytes = 0
  private(set) var isSent = false
  var idleTimer: Timer?

  init(
    _ request: TransferRequest, handle: EasyHandle, delegate: any TransferDelegate,
    client: TransferClient
  ) {
    self.request = request
    self.handle = handle
    self.delegate = delegate
    self.client = client
    lastByte = .now()
  }

  /// Ends it: the delegate hears `cancelled`, at the latest in the loop's next turn.
  package func cancel() {
    fail(TransferError(.cancelled, "the request was cancelled"))
    client?.remove(self)
  }

  func fail(_ error: TransferError) {
    if ownError == nil { ownError = error }
  }

  // MARK: From libcurl

  func willSend() {
    isSent = true
    lastByte = .now()
    delegate?.transferSent(at: lastByte)
  }

  /// False breaks the transfer off.
  func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    guard ownError == nil else { return false }
    let time = MonotonicTime.now()
    lastByte = time
    if firstByte == nil { firstByte = time }
    var text = Substring(String(decoding: line, as: UTF8.self))
    while let last = text.utf8.last, last == 10 || last == 13 {
      text = Substring(text.unicodeScalars.dropLast())
    }
    if text.isEmpty { return endHead() }
    if text.hasPrefix("HTTP/") {
      let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
      head = TransferHead(status: status ?? 0, headers: [])
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      head.headers.append(TransferRequest.Header(String(text[..<colon]), String(value)))
    }
    return true
  }

  private func endHead() -> Bool {
    // 1xx answers come before the real one.
    guard head.status >= 200 else { return true }
    if let firstByte { delegate?.transferReceived(head, firstByte: firstByte) }
    return ownError == nil
  }

  /// False breaks the transfer off.
  func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard ownError == nil else { return false }
    let time = MonotonicTime.now()
    lastByte = time
    bodyBytes += bytes.count
    guard bodyBytes <= request.bodyLimitBytes else {
      fail(TransferError(.tooLarge, "the answer exceeds \(request.bodyLimitBytes) bytes"))
      return false
    }
    delegate?.transferReceived(bytes.bytes, at: time)
    return ownError == nil
  }

  func end(_ outcome: Result<Void, TransferError>) {
    idleTimer?.cancel()
    idleTimer = nil
    let delegate = delegate
    self.delegate = nil
    delegate?.transferEnded(outcome, at: .now())
  }
}
