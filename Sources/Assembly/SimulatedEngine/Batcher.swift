import HTTP1
import Reactor

/// The engine itself: serves up to a batch of requests, lets the others wait. Lives on one loop.
// @unchecked: every variable is touched on the loop alone.
final class Batcher: @unchecked Sendable {
  let loop: EventLoop
  let configuration: SimulatedServer.Configuration
  private var serving: [ObjectIdentifier: Generation] = [:]
  private var waiting: [Generation] = []
  private var askedCount = 0
  private var servedCount = 0
  private var tokenCount = 0

  init(loop: EventLoop, configuration: SimulatedServer.Configuration) {
    self.loop = loop
    self.configuration = configuration
  }

  /// Requests that are being served.
  var activeCount: Int { serving.count }

  func handle(_ exchange: HTTP1Exchange) {
    switch (exchange.request.method, exchange.request.path) {
    case ("POST", "/v1/completions"), ("POST", "/v1/chat/completions"): complete(exchange)
    case ("GET", "/v1/models"):
      let name = Wire.quoted(configuration.modelName)
      Wire.respond(
        exchange, 200,
        "{\"object\":\"list\",\"data\":[{\"id\":\(name),\"object\":\"model\",\"created\":0,"
          + "\"owned_by\":\"benchfront-simengine\"}]}")
    case ("GET", "/health"): Wire.respond(exchange, 200, "{\"status\":\"ok\"}")
    case ("GET", "/version"):
      Wire.respond(exchange, 200, "{\"version\":\"\(SimulatedServer.version)\"}")
    case ("GET", "/metrics"):
      Wire.respond(exchange, 200, metrics, type: "text/plain; version=0.0.4")
    case (_, "/v1/completions"), (_, "/v1/chat/completions"), (_, "/v1/models"), (_, "/health"):
      Wire.refuse(exchange, 405, "the method is not allowed here")
    default: Wire.refuse(exchange, 404, "there is nothing here")
    }
  }

  private var metrics: String {
    """
    # TYPE benchfront_simengine_requests_total counter
    benchfront_simengine_requests_total \(servedCount)
    # TYPE benchfront_simengine_tokens_total counter
    benchfront_simengine_tokens_total \(tokenCount)
    # TYPE benchfront_simengine_running gauge
    benchfront_simengine_running \(serving.count)
    # TYPE benchfront_simengine_waiting gauge
    benchfront_simengine_waiting \(waiting.count)

    """
  }

  private func complete(_ exchange: HTTP1Exchange) {
    do throws(CompletionCall.Refusal) {
      let call = try CompletionCall(
        exchange.request, model: configuration.modelName,
        misbehaviour: dueMisbehaviour())
      switch call.misbehaviour {
      case .hang: return
      case .closeAtOnce: return exchange.abort()
      case .http500: return Wire.refuse(exchange, 500, "this error was asked for")
      default: break
      }
      let generation = Generation(call, exchange, batcher: self)
      exchange.onAbandon = { [weak self, weak generation] in
        guard let self, let generation else { return }
        ended(generation)
      }
      waiting.append(generation)
      admit()
    } catch {
      Wire.refuse(exchange, 400, error.message)
    }
  }

  /// What every so manieth request meets.
  private func dueMisbehaviour() -> Misbehaviour? {
    askedCount += 1
    return askedCount % configuration.misbehaviourPeriod == 0 ? configuration.misbehaviour : nil
  }

  /// First come, first served, as far as the first one's own bound allows.
  private func admit() {
    while let next = waiting.first {
      guard serving.count < next.call.maxBatch ?? configuration.model.maxBatch else { return }
      waiting.removeFirst()
      serving[ObjectIdentifier(next)] = next
      servedCount += 1
      next.start()
    }
  }

  func noteTokens(_ count: Int) { tokenCount += count }

  func ended(_ generation: Generation) {
    generation.cancel()
    serving[ObjectIdentifier(generation)] = nil
    waiting.removeAll { $0 === generation }
    admit()
  }
}
