import ArgumentParser
import GRPC

/// How the command line ends; scripts rely on these.
enum CommandFailure {
  /// 1 failed, 3 not found, 4 refused, 5 unavailable.
  static func exitCode(_ code: StatusCode) -> ExitCode {
    switch code {
    case .notFound: ExitCode(3)
    case .invalidArgument, .alreadyExists, .failedPrecondition, .permissionDenied,
      .unauthenticated, .outOfRange, .aborted, .unimplemented:
      ExitCode(4)
    case .unavailable, .deadlineExceeded, .resourceExhausted: ExitCode(5)
    default: ExitCode(1)
    }
  }

  /// One plain sentence for an error of the server or of the way to it.
  static func sentence(_ error: RPCError, server: String) -> String {
    switch error.code {
    case .unavailable: "cannot reach the server at \(server): \(error.message)"
    case .deadlineExceeded: "the server at \(server) did not answer in time"
    default: error.message
    }
  }
}
