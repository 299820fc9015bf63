import APIBindings
import AccessControl
import GRPC
import Logging

/// Who may do what on a server that has an access file.
final class AccessRules: Sendable {
  private let gate: AccessGate
  private let logger: Logger
  private let polling = FilePolling()

  /// Reads the file for the first time.
  init(path: String, _ logger: Logger) throws(StartupError) {
    do { gate = try AccessGate(path: path, roles: Self.roles) } catch {
      throw StartupError(.usage, "the access file '\(path)': \(error)")
    }
    self.logger = logger
  }

  /// What a role's name stands for: an operator reads too, an admin may do everything.
  static func roles(_ name: String) -> AccessRoles? {
    let granted: [Role]
    switch name {
    case "reader": granted = [.reader]
    case "agent": granted = [.agent]
    case "operator": granted = [.reader, .operator]
    case "admin": granted = [.reader, .agent, .operator, .admin]
    default: return nil
    }
    return AccessRoles(granted.map { AccessRole($0) })
  }

  /// What stands around every call, in order.
  func interceptors(for methods: [MethodDescriptor]) -> [any ServerInterceptor] {
    [
      AuthenticationInterceptor(gate),
      AuthorizationInterceptor(
        methods: methods, anyone: AccessRole(.anyone), services: Self.services,
        roleName: Self.name(of:)),
    ]
  }

  private static func name(of role: AccessRole) -> String? {
    switch role {
    case AccessRole(.reader): "reader"
    case AccessRole(.agent): "agent"
    case AccessRole(.operator): "operator"
    case AccessRole(.admin): "admin"
    default: nil
    }
  }

  /// What a caller may do, by the names of the access file.
  static func names(of roles: AccessRoles) -> [String] {
    [Role.reader, .agent, .operator, .admin].map { AccessRole($0) }
      .filter { roles.contains($0) }.compactMap { name(of: $0) }
  }

  /// How often open calls are asked whether their callers are still known.
  static let callCheckInterval = Duration.seconds(2)

  /// The roles of gRPC's own services, whose interfaces know nothing of ours.
  private static let services: [String: AccessRole] = [
    "grpc.health.v1.Health": AccessRole(.anyone),
    "grpc.reflection.v1.ServerReflection": AccessRole(.reader),
    "grpc.reflection.v1alpha.ServerReflection": AccessRole(.reader),
    "grpc.channelz.v1.Channelz": AccessRole(.admin),
  ]

  /// Looks at the files from now on.
  func start() { polling.start { [weak self] in self?.poll() } }

  /// Looks no more.
  func stop() { polling.stop() }

  private func poll() {
    do {
      if try gate.reloadIfChanged() { logger.notice("took up a new access file") }
    } catch {
      logger.error("the access rules stay as they were", metadata: ["error": "\(error)"])
    }
  }
}
