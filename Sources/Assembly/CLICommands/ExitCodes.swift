import ArgumentParser
import BenchmarkDomain
import GRPC

/// How a command ends that the server refused or that never reached it; scripts rely on the codes.
struct CommandFailure: Equatable {
  /// One plain sentence, in the words of the command line.
  let sentence: String
  /// 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 unavailable.
  let exitCode: ExitCode

  /// Reads an error of the server or of the way to it.
  init(_ error: RPCError, server: String) {
    exitCode = Self.exitCode(error.code)
    sentence =
      switch error.code {
      case .unavailable: "the server at \(server) is not available: \(error.message)"
      case .deadlineExceeded: "the server at \(server) did not answer in time"
      case .invalidArgument: RequestField(refusedBy: error)?.sentence ?? error.message
      case _ where error.message.isEmpty:
        "the server at \(server) answered \(error.code) and did not say why"
      default: error.message
      }
  }

  /// The exit code that stands for a status. INVALID_ARGUMENT is what was typed; the content of a
  /// file that is refused is a `FileRefusal`.
  static func exitCode(_ code: StatusCode) -> ExitCode {
    switch code {
    case .invalidArgument, .outOfRange: ExitCode(2)
    case .notFound: ExitCode(3)
    case .alreadyExists, .failedPrecondition, .permissionDenied, .unauthenticated, .aborted,
      .unimplemented:
      ExitCode(4)
    case .unavailable, .deadlineExceeded, .resourceExhausted: ExitCode(5)
    default: ExitCode(1)
    }
  }
}

/// The content of a file that cannot be taken; exit code 4, wherever it was noticed.
struct FileRefusal: Error, Equatable {
  /// One plain sentence that begins with the file's name.
  let sentence: String
}

/// Why a value on the command line makes no sense; the parser names the option and the value.
struct ArgumentFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What the argument parser says of wrong usage, in plainer words where it guesses wrong.
enum WrongUsage {
  /// What to say of a first word that is no command: those that are, the most like it first.
  static func unknownCommand(_ message: String, arguments: [String], known: [String]) -> String? {
    guard let word = arguments.first, !word.hasPrefix("-"), !known.contains(word),
      message.contains("'\(word)'")
    else { return nil }
    return "there is no command '\(word)'" + NameHint.text(for: word, among: known, called: "known")
  }
}
