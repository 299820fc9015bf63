/// Interceptors one behind the other. A list of them would have every call count a reference to
/// each; what a constant of an object holds needs no count.
final class InterceptorChain: Sendable {
  private let interceptor: any ServerInterceptor
  /// The place among all interceptors of the server.
  private let place: Int
  private let next: InterceptorChain?

  private init(_ interceptor: any ServerInterceptor, at place: Int, before next: InterceptorChain?)
  {
    (self.interceptor, self.place, self.next) = (interceptor, place, next)
  }

  /// All of them, in order.
  static func ofBeginnings(_ interceptors: [any ServerInterceptor]) -> InterceptorChain? {
    chain(interceptors.enumerated().reversed())
  }

  /// Those that hear of ends, the last one first.
  static func ofEnds(_ interceptors: [any ServerInterceptor]) -> InterceptorChain? {
    chain(interceptors.enumerated().filter { $1.hearsOfEnds })
  }

  /// Links elements of which the last one is to be first.
  private static func chain(
    _ parts: [(offset: Int, element: any ServerInterceptor)]
  ) -> InterceptorChain? {
    parts.reduce(nil) { InterceptorChain($1.element, at: $1.offset, before: $0) }
  }

  /// Tells of a call that begins until one refuses it; `told` counts who has heard of it.
  func tellBeginning(_ context: ServerContext, _ told: inout Int) throws(RPCError) {
    told += 1
    try interceptor.callBegan(context)
    try next?.tellBeginning(context, &told)
  }

  /// Asks all of them whether a call may go on, until one does not let it.
  func tellContinuation(_ context: ServerContext) throws(RPCError) {
    try interceptor.callContinues(context)
    try next?.tellContinuation(context)
  }

  /// Tells of a call's end those whose place is below `limit`.
  func tellEnd(_ context: ServerContext?, _ record: CallRecord, below limit: Int) {
    if place < limit { interceptor.callEnded(context, record) }
    next?.tellEnd(context, record, below: limit)
  }
}
