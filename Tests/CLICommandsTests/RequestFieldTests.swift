import APIBindings
import GRPC
import Testing

@testable import CLICommands

@Suite("Fields that the server refused, in the user's words") struct RequestFieldTests {
  /// The first word is the field.
  private func refusal(_ message: String) -> RPCError {
    let words = message.split(separator: " ", maxSplits: 1).map(String.init)
    return .invalidArgument(field: words[0], reason: words[1])
  }

  private func sentence(_ message: String) -> String {
    CommandFailure(refusal(message), server: "").sentence
  }

  @Test("a field is called by the flag that set it")
  func flags() {
    #expect(
      sentence("top_k must be between 1 and 100") == "--top must be between 1 and 100")
    #expect(
      sentence("criteria[1].weight must be a finite number, 0 or more")
        == "--weight must be a finite number, 0 or more")
    #expect(sentence("filter.model_ids[3] must not be empty") == "--model must not be empty")
    #expect(
      sentence("model.parameter_count must not be negative, as -1 is")
        == "--parameters must not be negative, as -1 is")
    #expect(
      sentence("header.format is refused: unknown format \"x\"; known are y")
        == "--format: unknown format \"x\"; known are y")
  }

  @Test("a reason that is a sentence of its own stands behind the flag")
  func sentences() {
    #expect(
      sentence("criteria[0].statistic error rate p95 does not exist: it is one number")
        == "--weight: error rate p95 does not exist: it is one number")
  }

  @Test("a field without a flag is said in words, never as a path")
  func unknownFields() {
    #expect(sentence("some.inner_field[2] must be given") == "the inner field must be given")
  }

  @Test("an error that names no field stays as it is")
  func noField() {
    for message in ["a run has at most 5 configurations", "top_k must not be 0", "", "x"] {
      let error = RPCError(.invalidArgument, message)
      #expect(RequestField(refusedBy: error) == nil)
      #expect(CommandFailure(error, server: "").sentence == message)
    }
    let whole = RPCError.invalidArgument(field: "", reason: "is cut off")
    #expect(CommandFailure(whole, server: "").sentence == "the request is cut off")
    var missing = refusal("top_k is gone")
    missing.code = .notFound
    #expect(RequestField(refusedBy: missing) == nil)
  }

  @Test("a field of a matrix has the file's key and no flag")
  func matrix() throws {
    func field(_ message: String) throws -> RequestField {
      try #require(RequestField(refusedBy: refusal(message)))
    }
    let model = try field("matrix.model_ids[0] is refused: unknown model \"x\"")
    #expect(model.matrixKey == "models[0]")
    #expect(model.matrixReason == "unknown model \"x\"")
    let tokens = try field("matrix.include[1].engine_ids[2] must not be empty")
    #expect(tokens.matrixKey == "include[1].engines[2]")
    #expect(tokens.matrixReason == "engines must not be empty")
    #expect(
      try field("matrix.workloads[0].concurrency[2] must be from 1").matrixKey
        == "workloads[0].concurrency[2]")
    #expect(try field("seed must be from 0 to 9").matrixKey == nil)
  }
}
