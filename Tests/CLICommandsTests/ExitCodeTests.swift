import ArgumentParser
import GRPC
import Testing

@testable import CLICommands

@Suite("How a command ends that failed") struct ExitCodeTests {
  @Test("every status has the exit code that scripts rely on")
  func table() {
    let codes: [Int32: [StatusCode]] = [
      1: [.cancelled, .unknown, .internalError, .dataLoss],
      2: [.invalidArgument, .outOfRange],
      3: [.notFound],
      4: [
        .alreadyExists, .failedPrecondition, .permissionDenied, .unauthenticated, .aborted,
        .unimplemented,
      ],
      5: [.unavailable, .deadlineExceeded, .resourceExhausted],
    ]
    for (exitCode, statuses) in codes {
      for status in statuses {
        #expect(CommandFailure.exitCode(status).rawValue == exitCode, "\(status)")
      }
    }
    // Every status but OK.
    #expect(codes.values.joined().count == 16)
  }

  @Test("a server that is not there is named")
  func unavailable() {
    let failure = CommandFailure(RPCError(.unavailable, "refused"), server: "h:1")
    #expect(failure.sentence == "the server at h:1 is not available: refused")
    #expect(failure.exitCode.rawValue == 5)
  }

  @Test("a status without a word is told by its name")
  func wordless() {
    let failure = CommandFailure(RPCError(.unknown, ""), server: "h:1")
    #expect(failure.sentence == "the server at h:1 answered UNKNOWN and did not say why")
  }

  @Test("a first word that is no command is answered with those like it")
  func unknownCommand() {
    func said(_ message: String, _ arguments: String...) -> String? {
      WrongUsage.unknownCommand(message, arguments: arguments, known: ["run", "models"])
    }
    #expect(
      said("Unexpected argument 'modles'", "modles", "list")
        == "there is no command 'modles'; known are models, run")
    #expect(said("Unexpected argument 'x'", "models", "x") == nil)
    #expect(said("Unknown option '--x'", "--x") == nil)
  }

  @Test("files behind one that is refused are said not to have been read")
  func unread() async {
    await #expect(throws: FileRefusal(sentence: "a: no; not read: b, c")) {
      try await ImportCommand.naming(["b", "c"]) { throw FileRefusal(sentence: "a: no") }
    }
    await #expect(throws: FileRefusal(sentence: "c: no")) {
      try await ImportCommand.naming([]) { throw FileRefusal(sentence: "c: no") }
    }
  }
}
