import Glibc
package import TLS

/// Knows callers by what they present.
package protocol Authenticator: Sendable {
  /// The caller of a call; nil when it presents nothing.
  ///
  /// - Parameters:
  ///   - bearer: the token of `authorization: Bearer TOKEN`, nil when there is none.
  ///   - identity: the names in its verified certificate, nil without one.
  /// - Throws: `RPCError` with `unauthenticated` for what is presented and not good; its message
  ///   must not repeat the credential.
  func principal(bearer: String?, identity: TLSIdentity?) throws(RPCError) -> Principal?
}

/// Finds out who calls.
package struct AuthenticationInterceptor: ServerInterceptor {
  private let authenticator: any Authenticator

  package init(_ authenticator: any Authenticator) { self.authenticator = authenticator }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    var bearer: String?
    if let token = context.metadata.withFirst("authorization", Self.token) {
      guard let token else {
        throw RPCError(.unauthenticated, "the authorization is not 'Bearer TOKEN'")
      }
      bearer = token
    }
    context.principal = try authenticator.principal(bearer: bearer, identity: context.identity)
  }

  private static let scheme = Array("bearer ".utf8)

  /// The scheme's name compares without case (RFC 9110 section 11.1).
  private static func token(_ value: RawSpan) -> String? {
    value.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, bytes.count > scheme.count else { return nil }
      for index in scheme.indices where bytes[index] | 0x20 != scheme[index] { return nil }
      let token = UnsafeRawBufferPointer(rebasing: bytes[scheme.count...])
      guard memchr(start + scheme.count, 0x20, token.count) == nil else { return nil }
      return String(decoding: token, as: UTF8.self)
    }
  }
}

/// Lets callers do what their roles allow: each method names the role that it demands.
package struct AuthorizationInterceptor: ServerInterceptor {
  /// By the place of the method in its router.
  private let demanded: [AccessRole]
  private let anyone: AccessRole

  /// - Parameters:
  ///   - methods: a router's methods, in its order.
  ///   - anyone: the role of methods that need no caller's name.
  ///   - services: roles of whole services whose interface cannot declare them, by full name.
  package init(
    methods: [MethodDescriptor], anyone: AccessRole, services: [String: AccessRole] = [:]
  ) {
    self.anyone = anyone
    demanded = methods.map { services[$0.service] ?? $0.access }
  }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    let role = demanded[context.methodIndex]
    if role == anyone, role != .undeclared { return }
    guard let principal = context.principal else {
      throw RPCError(.unauthenticated, "this method needs a token or a client certificate")
    }
    guard principal.roles.contains(role) else {
      throw RPCError(
        .permissionDenied, "\(principal.name) may not call \(context.method.path)")
    }
  }
}
