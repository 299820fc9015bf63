package import Reactor

/// An HTTP client: libcurl's multi interface, driven by one event loop.
///
/// Unless a method says otherwise, call it on the loop. Connections are pooled by libcurl; a
/// client that is dropped cancels what is under way.
// @unchecked: every variable is touched on the loop alone.
package final class TransferClient: @unchecked Sendable {
  /// The loop that it lives on.
  package let loop: EventLoop
  private var multi: MultiHandle?
  private var transfers: [ObjectIdentifier: Transfer] = [:]
  private var waiting: [Transfer] = []
  private var removals: [Transfer] = []

  /// Makes a client; callable from any thread.
  package init(loop: EventLoop) { self.loop = loop }

  /// Starts a request, whose delegate is held until it has ended.
  ///
  /// Throws `badRequest` for an address or a header that cannot be sent.
  package func start(
    _ request: TransferRequest, _ delegate: any TransferDelegate
  ) throws(TransferError) -> Transfer {
    precondition(loop.isCurrent, "transfers belong to their loop")
    let transfer = Transfer(
      request, handle: try EasyHandle(request), delegate: delegate, client: self)
    transfer.handle.connect(transfer)
    transfers[ObjectIdentifier(transfer)] = transfer
    armIdleTimer(transfer)
    let multi = try openMulti()
    if multi.isInside {
      // libcurl must not be entered from one of its callbacks.
      waiting.append(transfer)
      loop.execute { self.settle() }
    } else {
      multi.add(transfer.handle)
    }
    return transfer
  }

  /// Sends a request and returns the whole answer; callable from any task.
  ///
  /// Throws `TransferError`; `cancelled` when the task is cancelled.
  package func fetch(_ request: TransferRequest) async throws -> TransferResponse {
    let collector = Collector()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.perform { collector.begin(request, self, continuation) }
      }
    } onCancel: {
      loop.execute { collector.cancel() }
    }
  }

  /// Cancels what is under way and closes every connection; further requests open them again.
  package func close() {
    precondition(loop.isCurrent, "a client belongs to its loop")
    for transfer in Array(transfers.values) { transfer.cancel() }
    if multi?.isInside == false { multi = nil }
  }

  private func openMulti() throws(TransferError) -> MultiHandle {
    if let multi { return multi }
    let made = try MultiHandle(loop: loop)
    made.onEnd = { [weak self] transfer, code in
      self?.end(transfer, CurlFailure.outcome(of: transfer, code: code))
    }
    multi = made
    return made
  }

  // MARK: Endings

  func remove(_ transfer: Transfer) {
    guard transfers[ObjectIdentifier(transfer)] != nil else { return }
    removals.append(transfer)
    if multi?.isInside == true { loop.execute { self.settle() } } else { settle() }
  }

  private func settle() {
    let (ending, starting) = (removals, waiting)
    (removals, waiting) = ([], [])
    for transfer in starting where transfers[ObjectIdentifier(transfer)] != nil {
      multi?.add(transfer.handle)
    }
    for transfer in ending { end(transfer, transfer.ownError.map { .failure($0) } ?? .success(())) }
  }

  private func end(_ transfer: Transfer, _ outcome: Result<Void, TransferError>) {
    guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
    multi?.remove(transfer.handle)
    transfer.end(outcome)
  }

  private func armIdleTimer(_ transfer: Transfer) {
    guard let timeout = transfer.request.idleTimeout else { return }
    let deadline = transfer.lastByte.advanced(by: timeout)
    transfer.idleTimer = loop.schedule(at: deadline) { [weak self, weak transfer] in
      guard let self, let transfer else { return }
      guard transfer.lastByte.advanced(by: timeout) <= loop.now() else {
        return armIdleTimer(transfer)
      }
      transfer.fail(TransferError(.timedOut, "nothing came for \(timeout)"))
      remove(transfer)
    }
  }
}

/// Gathers a whole answer.
// @unchecked: every method is called on the client's loop.
private final class Collector: TransferDelegate, @unchecked Sendable {
  private var continuation: CheckedContinuation<TransferResponse, any Error>?
  private var transfer: Transfer?
  private var response = TransferResponse(head: TransferHead(status: 0, headers: []), body: [])
  private var isCancelled = false

  func begin(
    _ request: TransferRequest, _ client: TransferClient,
    _ continuation: CheckedContinuation<TransferResponse, any Error>
  ) {
    guard !isCancelled else {
      return continuation.resume(throwing: TransferError(.cancelled, "the task was cancelled"))
    }
    self.continuation = continuation
    do {
      transfer = try client.start(request, self)
    } catch {
      self.continuation = nil
      continuation.resume(throwing: error)
    }
  }

  func cancel() {
    isCancelled = true
    transfer?.cancel()
  }

  func transferSent(at time: MonotonicTime) {}

  func transferReceived(_ head: TransferHead, firstByte: MonotonicTime) { response.head = head }

  func transferReceived(_ bytes: RawSpan, at time: MonotonicTime) {
    bytes.withUnsafeBytes { response.body.append(contentsOf: $0) }
  }

  func transferEnded(_ outcome: Result<Void, TransferError>, at time: MonotonicTime) {
    let waiting = continuation
    (continuation, transfer) = (nil, nil)
    switch outcome {
    case .success: waiting?.resume(returning: response)
    case .failure(let error): waiting?.resume(throwing: error)
    }
  }
}
