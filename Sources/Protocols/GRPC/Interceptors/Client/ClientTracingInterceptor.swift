/// Tells the server the call's place in its trace (`CallOptions.trace`), by `traceparent`; each
/// attempt is a step of its own.
package struct ClientTracingInterceptor: ClientInterceptor {
  package init() {}

  package func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError) {
    guard let trace = call.options.trace?.child() else { return }
    try metadata.append("traceparent", trace.header)
  }
}
