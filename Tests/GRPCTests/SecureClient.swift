import GRPC
import TLS
import TLSTestSupport

/// The configuration of a client that trusts `ca`.
func secureClient(
  ca: String = "ca", _ name: String? = nil, serverName: String? = nil, newest: TLSVersion = .tls13
) throws -> ClientConfiguration {
  var configuration = ClientConfiguration()
  let context = try clientContext(ca: ca, name, newest: newest)
  configuration.tls = ClientTLS(context: context, serverName: serverName)
  return configuration
}
