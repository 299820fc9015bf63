/// How many messages flow each way in a call of a method.
package enum MethodKind: Sendable {
  case unary
  case clientStreaming
  case serverStreaming
  case bidirectionalStreaming

  var hasOneRequest: Bool { self == .unary || self == .serverStreaming }
}

/// A method of a service.
package struct MethodDescriptor: Sendable, Hashable {
  /// The full name of the service, such as `benchfront.v1.Catalog`.
  package let service: String
  package let name: String
  package let kind: MethodKind
  /// Whether calling it twice has the effect of calling it once.
  package let isIdempotent: Bool
  /// What it demands of its caller.
  package let access: AccessRole
  /// The path of its calls: `/service/name`.
  package let path: String

  package init(
    service: String, name: String, kind: MethodKind, isIdempotent: Bool = false,
    access: AccessRole = .undeclared
  ) {
    self.access = access
    self.service = service
    self.name = name
    self.kind = kind
    self.isIdempotent = isIdempotent
    path = "/\(service)/\(name)"
  }
}
