import APIBindings
import BenchmarkDomain
import GRPC

/// Records every call of a method that demands to be an operator or an agent, and so changes
/// something, with what came of it.
///
/// Callers whom nobody knows are turned away unrecorded: strangers could fill the store otherwise.
/// Sessions of agents last for hours: the service itself tells of them when they begin.
final class AuditInterceptor: ServerInterceptor {
  private static let changing = [AccessRole(Role.operator), AccessRole(Role.agent)]

  private let trail: AuditTrail
  /// By the place of the method in its router.
  private let isRecorded: [Bool]

  init(_ trail: AuditTrail, methods: [MethodDescriptor]) {
    self.trail = trail
    isRecorded = methods.map { Self.changing.contains($0.access) }
  }

  func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    guard let context, isRecorded[context.methodIndex] else { return }
    if record.code == .unauthenticated, context.principal == nil { return }
    let isSession = context.method == BenchmarkControlMethods.agentSession
    guard !isSession || Self.isRefusal(record.code) && context.subject.isEmpty else { return }
    trail.add(
      AuditedCall(
        by: context.principal, method: context.method, subject: context.subject,
        code: record.code))
  }

  /// True for what refuses an agent; connections that end before a hello are no news.
  private static func isRefusal(_ code: StatusCode) -> Bool {
    ![.ok, .cancelled, .unavailable, .deadlineExceeded].contains(code)
  }
}

extension AuditedCall {
  /// A call as the transport knows it.
  init(by caller: Principal?, method: MethodDescriptor, subject: String, code: StatusCode) {
    self.init(
      caller: caller?.name ?? "", roles: caller.map { AccessRules.names(of: $0.roles) } ?? [],
      method: "\(method.service)/\(method.name)", subject: subject, code: Int32(code.rawValue))
  }
}
