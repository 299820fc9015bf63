package import Logging

extension ClientConfiguration {
  /// Traces every call, from here on or as a step of the call that it serves, and logs for
  /// debugging how each ended, with the trace that the server's log names too; nil for no log.
  package mutating func observeCalls(_ logger: Logger?) {
    beginsTraces = true
    interceptors.append(ClientTracingInterceptor())
    if let logger {
      interceptors.append(ClientLoggingInterceptor(logger, failureLevel: .debug))
    }
  }
}
