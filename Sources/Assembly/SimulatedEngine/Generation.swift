import HTTP1
import Reactor

/// One answer being written, token by token, at the times that the model says.
final class Generation {
  let call: CompletionCall
  private let exchange: HTTP1Exchange
  private unowned let batcher: Batcher
  private let wire: Wire
  private var timer: Timer?
  private var due: MonotonicTime
  private var written = 0

  init(_ call: CompletionCall, _ exchange: HTTP1Exchange, batcher: Batcher) {
    self.call = call
    self.exchange = exchange
    self.batcher = batcher
    wire = Wire(call)
    due = exchange.loop.now()
  }

  /// Begins to be served: the first token is due after the model's time to first token.
  func start() {
    let model = batcher.configuration.model
    let wait =
      call.timeToFirstToken
      ?? model.timeToFirstToken(
        call.setting, promptTokens: call.promptTokens, active: batcher.activeCount)
    due = exchange.loop.now()
    schedule(after: wait)
  }

  func cancel() {
    timer?.cancel()
    timer = nil
  }

  /// Times are added to when the token was due, so that a late one does not delay the rest.
  private func schedule(after wait: Duration) {
    due = due.advanced(by: wait)
    timer = exchange.loop.schedule(at: due) { [weak self] in self?.step() }
  }

  private func step() {
    timer = nil
    guard call.isStreamed else { return answerAtOnce() }
    if written == 0 {
      exchange.begin(status: 200, headers: Wire.streamHeaders)
      if call.isChat { exchange.write(wire.role()) }
      if call.misbehaviour == .empty { return end() }
    }
    if misbehave() { return }
    let count = call.misbehaviour == .pairs ? min(2, call.outputTokens - written) : 1
    exchange.write(wire.tokens(from: written, count: count))
    written += count
    batcher.noteTokens(count)
    if written >= limit { return end() }
    wait(tokens: count)
  }

  private var limit: Int {
    call.misbehaviour == .ignoreMaxTokens ? call.outputTokens * 10 + 100 : call.outputTokens
  }

  private func wait(tokens: Int) {
    let gap =
      call.interTokenLatency
      ?? batcher.configuration.model.interTokenLatency(call.setting, active: batcher.activeCount)
    // A peer that does not read holds its own answer.
    if exchange.isWritable { return schedule(after: gap * tokens) }
    exchange.onDrain = { [weak self] in
      guard let self else { return }
      exchange.onDrain = nil
      due = exchange.loop.now()
      schedule(after: gap * tokens)
    }
  }

  /// True when the answer has gone wrong and goes no further.
  private func misbehave() -> Bool {
    guard written >= call.outputTokens / 2 else { return false }
    switch call.misbehaviour {
    case .stall: return true
    case .garbage: exchange.write(Array("data: {\"choices\":[{\"text\":\n\n".utf8))
    case .errorInStream:
      exchange.write(Array("data: {\"error\":{\"message\":\"asked for\",\"code\":500}}\n\n".utf8))
    case .closeMidStream: exchange.abort()
    case .cutShort: exchange.finish()
    default: return false
    }
    if call.misbehaviour != .closeMidStream { exchange.finish() }
    batcher.ended(self)
    return true
  }

  private func end() {
    exchange.write(wire.ending(outputTokens: written))
    if call.misbehaviour == .closesSilently {
      exchange.finish(closing: true)
    } else {
      exchange.finish()
    }
    batcher.ended(self)
  }

  private func answerAtOnce() {
    let gaps = call.outputTokens - 1
    if written == 0, gaps > 0 {
      written = call.outputTokens
      return wait(tokens: gaps)
    }
    batcher.noteTokens(call.outputTokens)
    Wire.respond(exchange, 200, wire.whole())
    batcher.ended(self)
  }
}
