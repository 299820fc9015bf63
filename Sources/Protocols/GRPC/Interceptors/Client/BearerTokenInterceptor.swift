/// Shows the server a token, as `authorization: Bearer TOKEN`: over TLS or within the machine only,
/// elsewhere calls fail with `unauthenticated`.
package struct BearerTokenInterceptor: ClientInterceptor {
  private let value: String

  package init(token: String) { value = "Bearer \(token)" }

  package func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError) {
    guard way.isEncrypted || way.peer?.isLocal ?? true else {
      throw RPCError(
        .unauthenticated, "a token is not sent to \(way.authority) in cleartext: speak TLS")
    }
    try metadata.append("authorization", value)
  }
}
