import Glibc
package import TLS

/// Knows callers by what they present.
package protocol Authenticator: AnyObject, Sendable {
  /// A number that grows whenever other rules are in force: once they are, never before.
  var rulesNumber: UInt64 { get }

  /// The caller of a call; nil when it presents nothing.
  ///
  /// - Parameters:
  ///   - bearer: the token of `authorization: Bearer TOKEN`, nil when there is none.
  ///   - identity: the names in its verified certificate, nil without one.
  /// - Throws: `RPCError` with `unauthenticated` for what is presented and not good; its message
  ///   must not repeat the credential.
  func principal(bearer: String?, identity: TLSIdentity?) throws(RPCError) -> Principal?

  /// Whether a caller that was proved when the rules had this number, or newer ones, is still the
  /// caller that its credential stands for.
  func stillKnows(_ principal: Principal, by rulesNumber: UInt64) -> Bool
}

/// Whom the authorization that a connection showed last stands for, so that a client that shows
/// the same bytes again is not looked up again.
private final class KnownCaller {
  /// Longer ones are looked up for each call.
  static let maxHeaderBytes = 4096

  let header: [UInt8]
  let principal: Principal
  let rulesNumber: UInt64
  private let authenticator: any Authenticator

  init(
    header: [UInt8], principal: Principal, rulesNumber: UInt64, authenticator: any Authenticator
  ) {
    (self.header, self.principal) = (header, principal)
    (self.rulesNumber, self.authenticator) = (rulesNumber, authenticator)
  }

  func isGood(for value: RawSpan, _ authenticator: any Authenticator) -> Bool {
    value.equals(header) && self.authenticator === authenticator
      && authenticator.stillKnows(principal, by: rulesNumber)
  }
}

/// Finds out who calls.
package final class AuthenticationInterceptor: ServerInterceptor {
  private let authenticator: any Authenticator

  package init(_ authenticator: any Authenticator) { self.authenticator = authenticator }

  package var hearsOfEnds: Bool { false }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    context.principal = try caller(context)
  }

  /// What the call showed is judged anew: by new rules, and after the end of its time.
  package func callContinues(_ context: ServerContext) throws(RPCError) {
    let (before, now) = (context.principal, try caller(context))
    guard now?.name == before?.name, now?.roles == before?.roles else {
      throw RPCError(.unauthenticated, "the credential stands for another caller by now")
    }
  }

  private func caller(_ context: ServerContext) throws(RPCError) -> Principal? {
    let known = context.rememberedOfPeer as? KnownCaller
    let shown = context.metadata.withOnly("authorization") { value -> Shown in
      if let known, known.isGood(for: value, authenticator) { return .known(known.principal) }
      return Self.token(value).map { .token($0, header: value.array) } ?? .malformed
    }
    // Something before the server may have looked at another one.
    if shown.isRepeated {
      throw RPCError(.unauthenticated, "the call has several authorizations")
    }
    switch shown.result {
    case .known(let principal): return principal
    case .token(let token, let header): return try prove(token, header, context)
    case .malformed: throw RPCError(.unauthenticated, "the authorization is not 'Bearer TOKEN'")
    case nil: return try authenticator.principal(bearer: nil, identity: context.identity)
    }
  }

  /// What the header `authorization` is.
  private enum Shown {
    case known(Principal)
    case token(String, header: [UInt8])
    case malformed
  }

  private func prove(
    _ token: String, _ header: [UInt8], _ context: ServerContext
  ) throws(RPCError) -> Principal? {
    context.rememberedOfPeer = nil
    // Asked before: rules that change meanwhile make what is remembered here too old.
    let rulesNumber = authenticator.rulesNumber
    let principal = try authenticator.principal(bearer: token, identity: context.identity)
    guard let principal, header.count <= KnownCaller.maxHeaderBytes else { return principal }
    context.rememberedOfPeer = KnownCaller(
      header: header, principal: principal, rulesNumber: rulesNumber, authenticator: authenticator)
    return principal
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
package final class AuthorizationInterceptor: ServerInterceptor {
  /// By the place of the method in its router.
  private let demanded: [AccessRole]
  private let anyone: AccessRole
  private let roleName: @Sendable (AccessRole) -> String?

  /// - Parameters:
  ///   - methods: a router's methods, in its order.
  ///   - anyone: the role of methods that need no caller's name.
  ///   - services: roles of whole services whose interface cannot declare them, by full name.
  ///   - roleName: what a role is called; refusals say so.
  package init(
    methods: [MethodDescriptor], anyone: AccessRole, services: [String: AccessRole] = [:],
    roleName: @escaping @Sendable (AccessRole) -> String? = { _ in nil }
  ) {
    self.anyone = anyone
    self.roleName = roleName
    demanded = methods.map { services[$0.service] ?? $0.access }
  }

  package var hearsOfEnds: Bool { false }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    let role = demanded[context.methodIndex]
    if role == anyone, role != .undeclared { return }
    guard let principal = context.principal else {
      throw RPCError(.unauthenticated, "this method needs a token or a client certificate")
    }
    guard principal.roles.contains(role) else {
      throw RPCError(
        .permissionDenied,
        "\(principal.name) may not call \(context.method.path)\(reason(role))")
    }
  }

  private func reason(_ role: AccessRole) -> String {
    if role == .undeclared { return ", which declares no role" }
    return roleName(role).map { ": it needs the role \($0)" } ?? ""
  }
}
