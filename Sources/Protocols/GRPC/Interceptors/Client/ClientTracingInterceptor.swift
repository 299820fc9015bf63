/// Tells the server the call's place in its trace, by `traceparent`: a step in the trace of the
/// call that it serves (`CallOptions.trace`), else the beginning of a trace of its own.
package struct ClientTracingInterceptor: ClientInterceptor {
  private let beginsTraces: Bool

  /// - Parameter beginsTraces: whether calls that serve no other are traced too.
  package init(beginsTraces: Bool = false) { self.beginsTraces = beginsTraces }

  package func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError) {
    // Each attempt is a step of its own.
    guard let trace = call.options.trace?.child() ?? (beginsTraces ? .root() : nil) else { return }
    try metadata.append("traceparent", trace.header)
  }
}
