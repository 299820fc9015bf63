import APIBindings
import BenchmarkDomain
import GRPC
import Testing

@testable import APIMapping

/// The message of the INVALID_ARGUMENT that reading ends in.
func refusal<Value: MessageReadable>(
  _ type: Value.Type, _ message: Value.Message?, at path: String = ""
) -> String? {
  do throws(RPCError) {
    _ = try Value(message, at: path)
    return nil
  } catch {
    return error.code == .invalidArgument ? error.message : "\(error)"
  }
}

@Suite("messages that are refused")
struct RefusalTests {
  @Test("a field deep in a matrix is named by its path")
  func path() {
    let matrix = APIBindings.Matrix(workloads: [
      APIBindings.WorkloadPattern(concurrency: [1, 2, 0])
    ])
    #expect(
      refusal(BenchmarkDomain.Matrix.self, matrix, at: "matrix")
        == "matrix.workloads[0].concurrency[2] must be from 1 to 10000000, not 0")
  }

  @Test("an absent message is named, where it must be there")
  func absent() throws {
    #expect(refusal(BenchmarkDomain.Model.self, nil, at: "model") == "model must be given")
    let filter = try BenchmarkDomain.ConfigurationFilter(nil, at: "filter")
    #expect(filter == BenchmarkDomain.ConfigurationFilter())
  }

  @Test("ids have 1 to 200 bytes and no control characters")
  func ids() {
    func model(_ id: String) -> String? {
      refusal(BenchmarkDomain.Model.self, APIBindings.Model(id: id, kind: .selfHosted))
    }
    #expect(model("") == "id must not be empty")
    #expect(model(String(repeating: "x", count: 200)) == nil)
    #expect(
      model(String(repeating: "x", count: 201)) == "id must have at most 200 bytes, not 201")
    #expect(model("a\nb") == "id must not contain control characters")
    #expect(model("org/ä 中") == nil)
  }

  @Test("figures are finite and not negative")
  func figures() {
    for value in [Double.nan, .infinity, -.infinity, -1] {
      let price = APIBindings.PriceEntry(
        hardwareId: "h", usdPerHour: value, observedAt: Timestamp(seconds: 1))
      #expect(
        refusal(BenchmarkDomain.PriceEntry.self, price)?.hasPrefix("usd_per_hour must") == true)
      let measurement = APIBindings.Measurement(metric: .ttft, statistic: .mean, value: value)
      #expect(
        refusal(BenchmarkDomain.Measurement.self, measurement)?.hasPrefix("value must") == true)
    }
    let interval = APIBindings.Interval(low: 2, high: 1, confidence: 0.5)
    #expect(refusal(BenchmarkDomain.Interval.self, interval) == "low must not be above high")
  }

  @Test("counts are not negative")
  func counts() {
    let hardware = APIBindings.HardwareProfile(
      id: "h", accelerator: "a", acceleratorCount: -1, memoryBytes: 1)
    #expect(
      refusal(BenchmarkDomain.HardwareProfile.self, hardware)
        == "accelerator_count must be from 1 to 1000000, not -1")
    let model = APIBindings.Model(id: "m", kind: .selfHosted, contextLength: -5)
    #expect(
      refusal(BenchmarkDomain.Model.self, model)
        == "context_length must not be negative, as -5 is")
  }

  @Test("an enum that is not given or not known is refused")
  func enums() throws {
    #expect(
      refusal(BenchmarkDomain.Model.self, APIBindings.Model(id: "m")) == "kind must be given")
    let unknown = APIBindings.Model(id: "m", kind: .unrecognized(9))
    #expect(refusal(BenchmarkDomain.Model.self, unknown) == "kind has the unknown value 9")
    #expect(throws: RPCError.self) {
      try BenchmarkDomain.ModelKind(filtering: .unrecognized(9), at: "kind")
    }
    #expect(throws: RPCError.self) {
      try BenchmarkDomain.RequestOutcome(.unrecognized(300), at: "outcome")
    }
  }

  @Test("a price is of hardware or of a model")
  func prices() {
    func price(_ hardware: String, _ model: String) -> String? {
      refusal(
        BenchmarkDomain.PriceEntry.self,
        APIBindings.PriceEntry(
          hardwareId: hardware, modelId: model, observedAt: Timestamp(seconds: 1)))
    }
    #expect(price("h", "") == nil && price("", "m") == nil)
    #expect(price("", "") == "hardware_id or model_id must be given")
    #expect(price("h", "m") == "model_id must be empty where hardware_id is given")
    let undated = APIBindings.PriceEntry(hardwareId: "h")
    #expect(refusal(BenchmarkDomain.PriceEntry.self, undated) == "observed_at must be given")
  }

  @Test("a configuration's id must be the one that its dimensions make")
  func configurationID() throws {
    var message = APIBindings.Configuration(
      id: "c1-00000000000000000000000000000000", modelId: "m", hardwareId: "h", engineId: "e",
      quantizationId: "q",
      workload: APIBindings.Workload(inputTokens: 1, outputTokens: 1, concurrency: 1))
    #expect(refusal(BenchmarkDomain.Configuration.self, message)?.hasPrefix("id must be") == true)
    message.id = ""
    #expect(refusal(BenchmarkDomain.Configuration.self, message) == nil)
    message.workload = nil
    #expect(refusal(BenchmarkDomain.Configuration.self, message) == "workload must be given")
  }

  @Test("times out of range are refused")
  func times() {
    #expect(
      refusal(WallTime.self, Timestamp(nanos: -1)) == "nanos must be from 0 to 999999999, not -1")
    #expect(refusal(WallTime.self, Timestamp(seconds: .max))?.hasPrefix("seconds must") == true)
    #expect(
      refusal(Swift.Duration.self, ProtobufDuration(seconds: -1))?.hasPrefix("seconds must")
        == true)
  }

  @Test("an agent's message is refused with the path of its field")
  func agentMessages() {
    func said(_ message: AgentSessionRequest.Message?) -> String? {
      refusal(AgentMessage.self, AgentSessionRequest(message: message))
    }
    let lease = LeaseReference(batchId: "b", fencingToken: 1)
    #expect(said(nil) == "message must be given")
    #expect(said(.hello(AgentHello())) == "hello.agent_id must not be empty")
    #expect(said(.leaseRelease(LeaseRelease())) == "lease_release.lease must be given")
    #expect(
      said(.executionEvent(ExecutionEvent(lease: lease, executionId: "e")))
        == "execution_event.kind must be given")
    let good = APIBindings.RequestSample(outcome: .ok)
    #expect(
      said(
        .samples(
          SampleBatch(
            lease: lease, executionId: "e", samples: [good, APIBindings.RequestSample()])))
        == "samples.samples[1].outcome must be given")
    #expect(
      said(
        .samples(
          SampleBatch(
            lease: lease, executionId: "e", samples: Array(repeating: good, count: 257))))
        == "samples.samples must hold at most 256 entries, not 257")
  }

  @Test("samples that cannot be read still tell their lease and their execution")
  func executionOfSamples() throws {
    func execution(_ message: AgentSessionRequest.Message?) throws -> (Fence, String)? {
      try AgentSessionRequest(message: message).encoded().withUnsafeBytes { bytes in
        let view = try AgentSessionRequest.decode(bytes)
        #expect(throws: RPCError.self) { try AgentMessage(view) }
        return AgentMessage.execution(ofSamplesIn: view).map { ($0, $1) }
      }
    }
    let lease = LeaseReference(batchId: "b", fencingToken: 7)
    let absurd = APIBindings.RequestSample(outcome: .ok, inputTokens: 4_000_000_000)
    let found = try execution(
      .samples(SampleBatch(lease: lease, executionId: "e", samples: [absurd])))
    #expect(found?.0 == Fence(batchID: "b", token: 7) && found?.1 == "e")
    #expect(try execution(.samples(SampleBatch(lease: lease, samples: [absurd]))) == nil)
    #expect(try execution(.samples(SampleBatch(executionId: "e", samples: [absurd]))) == nil)
    #expect(try execution(.executionEvent(ExecutionEvent(lease: lease, executionId: "e"))) == nil)
    #expect(try execution(nil) == nil)
  }

  @Test("an id has no space at its ends, and a hosted model has a provider")
  func models() {
    func said(_ model: APIBindings.Model) -> String? {
      refusal(BenchmarkDomain.Model.self, model)
    }
    #expect(
      said(.init(id: " a ", kind: .selfHosted)) == "id must not begin or end with a space")
    #expect(said(.init(id: "a", kind: .hosted)) == "provider must be given for a hosted model")
    #expect(said(.init(id: "a", kind: .hosted, provider: "p")) == nil)
    #expect(said(.init(id: "a b", kind: .selfHosted)) == nil)
  }

  @Test("a matrix that the domain refuses is named in the interface's words")
  func matrixErrors() {
    let error = RPCError(
      MatrixError(.outOfRange, field: "include[0].models[2]", "an id has 1 to 200 bytes"),
      at: "matrix")
    #expect(error.code == .invalidArgument)
    #expect(
      error.message
        == "matrix.include[0].model_ids[2] is refused: an id has 1 to 200 bytes")
  }

  @Test("what a server tells an agent is bounded")
  func serverMessages() {
    func welcome(credit: UInt32 = 1, heartbeat: Duration) -> String? {
      refusal(
        ServerMessage.self,
        AgentSessionResponse(
          ServerMessage.welcome(
            sessionID: "s", sampleCredit: credit, leaseDuration: .seconds(1),
            heartbeatInterval: heartbeat)))
    }
    let bounds = "must be from 0.05 to 3600 seconds"
    #expect(welcome(heartbeat: .milliseconds(50)) == nil)
    #expect(welcome(heartbeat: .zero) == "welcome.heartbeat_interval \(bounds), not 0.0 seconds")
    #expect(welcome(heartbeat: .seconds(3_601))?.contains(bounds) == true)
    #expect(
      welcome(credit: 0, heartbeat: .seconds(1))
        == "welcome.sample_credit must be from 1 to 1000000, not 0")
    let pause = refusal(
      ServerMessage.self, AgentSessionResponse(ServerMessage.noWork(retryAfter: .zero)))
    #expect(pause == "no_work.retry_after \(bounds), not 0.0 seconds")

    func lease(requests: Int32 = 1, warmup: Int32 = 0) -> String? {
      let grant = LeaseGrant(
        lease: LeaseReference(batchId: "b", fencingToken: 1), runId: "r",
        requestsPerConfiguration: requests, warmupRequests: warmup)
      return refusal(ServerMessage.self, AgentSessionResponse(message: .lease(grant)))
    }
    #expect(lease(requests: 100_000, warmup: 100_000) == nil)
    #expect(
      lease(requests: 100_001)
        == "lease.requests_per_configuration must be from 1 to 100000, not 100001")
    #expect(
      lease(warmup: 100_001) == "lease.warmup_requests must be from 0 to 100000, not 100001")
  }
}
