import Reactor

// What the interceptors hear of a call.
extension ServerCall {
  func tellInterceptors(_ context: ServerContext) -> RPCError? {
    do throws(RPCError) {
      for interceptor in shared.configuration.interceptors {
        tally?.told += 1
        try interceptor.callBegan(context)
      }
      return nil
    } catch {
      return error
    }
  }

  /// Tells the interceptors of the end, once.
  func report(_ code: StatusCode, isAbandoned: Bool = false) {
    let method = entry?.method
    let now = MonotonicTime.now().nanoseconds
    guard
      let record = tally?.record(method, state, code: code, at: now, isAbandoned: isAbandoned)
    else { return }
    let all = shared.configuration.interceptors
    // Nobody could be told of the beginning of a call to a method that does not exist.
    for interceptor in (context == nil ? all[...] : all.prefix(tally?.told ?? 0)).reversed() {
      interceptor.callEnded(context, record)
    }
  }
}
