/// Gives a call its place in its caller's trace, as `traceparent` names it.
package final class TracingInterceptor: ServerInterceptor {
  package init() {}

  package var hearsOfEnds: Bool { false }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    guard let header = context.metadata.withFirst("traceparent", { $0.text }) else { return }
    context.trace = TraceContext(header: header)?.child()
  }
}
