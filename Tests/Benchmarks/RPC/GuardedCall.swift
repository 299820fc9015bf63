import APIBindings
import AccessControl
import GRPC
import Glibc
import Telemetry

/// A unary call with all that the product does for one: decode by the generated bindings, check
/// the caller's token and role, count, encode.
enum GuardedCall {
  /// The digest of `benchmark-token-0123456789abcdef0123456789abcdef`.
  private static let rule = """
    token benchmark reader \
    sha256:808747ed319d21b6ad5928b11b1672dba0a9a4633ce2a619b3ab4f15f7e3441d
    """

  private static let method = MethodDescriptor(
    service: "bench.Echo", name: "Message", kind: .unary, access: AccessRole(.reader))

  static func register(in router: inout Router) {
    router.serve(
      method,
      unary: { (request: ProtobufBytesValue.View, _) -> Reply<ProtobufBytesValue> in
        .message(ProtobufBytesValue(value: request.value.bytes))
      })
  }

  /// What stands around every call of the product's server, but for the log of refusals.
  static func interceptors(_ methods: [MethodDescriptor]) throws -> [any ServerInterceptor] {
    [
      MetricsInterceptor(MetricRegistry(), methods: methods), TracingInterceptor(),
      AuthenticationInterceptor(try gate()),
      AuthorizationInterceptor(methods: methods, anyone: AccessRole(.anyone)),
    ]
  }

  private static func gate() throws -> AccessGate {
    let path = "/tmp/bench-rpc-access.\(getpid())"
    defer { unlink(path) }
    guard let file = fopen(path, "w") else { throw RPCError(.internalError, "cannot write /tmp") }
    fputs(rule, file)
    fclose(file)
    return try AccessGate(
      path: path, roles: { $0 == "reader" ? [AccessRole(.reader)] : nil })
  }
}
