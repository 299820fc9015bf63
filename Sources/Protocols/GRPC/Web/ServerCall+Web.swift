import HTTP2
import Reactor

// Calls by gRPC-Web: what comes is turned into gRPC before the call sees it, what goes is turned
// back at the last moment.
extension ServerCall {
  /// Whose pages may call here: over TLS, as browsers do, and in cleartext from this machine, where
  /// a proxy may do the TLS. Nil for nobody's.
  private var webOrigins: WebOrigins? {
    guard let origins = shared.configuration.webOrigins else { return nil }
    return connection.isSecure || connection.socket.peer?.isLocal ?? true ? origins : nil
  }

  /// Takes a request that is not gRPC, which `refusal` would say.
  func beginForWeb(_ fields: HeaderFields, or refusal: PlainAnswer) {
    guard let origins = webOrigins else { return refuse(refusal) }
    switch WebRequest.parse(fields, origins) {
    case .foreign: refuse(refusal)
    case .refused(let answer): refuse(answer)
    case .refusedOrigin(let origin):
      shared.configuration.originRefused(connection.socket.peer, origin)
      refuse(.foreignOrigin)
    case .preflight(let answer):
      endWithoutStatus()
      stream.respond(answer, endsStream: true)
    case .call(let request): begin(request)
    }
  }

  private func begin(_ request: WebRequest) {
    web = request.answer
    if request.format == .text { stream.handler = WebTextBody(self) }
    switch RequestHead.parse(request.fields, shared.router) {
    case .call(let head) where head.entry.method.kind.hasOneRequest: begin(head)
    case .call(let head):
      let path = head.entry.method.path
      fail(
        RPCError(
          .unimplemented, "\(path) takes a stream of messages, which gRPC-Web cannot send"))
    case .failure(let error): fail(error)
    case .notGRPC(let answer): refuse(answer)
    }
  }

  /// Bytes of a header block that the client takes.
  var peerHeaderListBytes: Int {
    let limit = stream.peerHeaderListBytes
    return web == nil ? limit : WebAnswer.roomInHead(limit)
  }

  /// Sends a header block, which `fields` is for gRPC.
  func respond(_ fields: HeaderFields, endsStream: Bool) {
    if let web {
      stream.respond(web.head(fields), endsStream: endsStream)
    } else {
      stream.respond(fields, endsStream: endsStream)
    }
  }

  /// Sends the trailers behind the messages.
  func respond(trailers fields: HeaderFields) {
    guard let web else { return stream.finish(trailers: fields) }
    stream.send(web.trailers(fields))
    stream.finish()
  }
}
