import BenchmarkControlService
import BenchmarkDomain
import Storage
import Telemetry
import Testing

@Suite("Metrics of the control plane")
struct MetricsTests {
  @Test("samples are counted by what became of them, agents while they are there")
  func samples() async throws {
    let registry = MetricRegistry()
    let rig = try await Rig(metrics: ControlMetrics(registry))
    func lines(_ prefix: String) -> [String] {
      registry.prometheusText().split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix(prefix) && !$0.hasSuffix(" 0") }
    }
    _ = try await rig.makeRun(concurrency: [1, 2])
    do {
      let agent = HandAgent("a", rig)
      let lease = try await agent.lease(rig)
      #expect(lines("benchfront_agents_connected") == ["benchfront_agents_connected 1"])
      try await agent.measure(lease.items[0], lease.fence, [0, 1], sequence: 1)
      _ = await agent.nextAcknowledgement()
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 2,
          [1, 2].map { HandAgent.sample($0) }))
      _ = await agent.nextAcknowledgement()
      var bad = HandAgent.sample(3)
      bad.outputTokens = 0
      try await agent.session.receive(
        .samples(lease.fence, executionID: lease.items[0].executionID, sequence: 3, [bad]))
      _ = await agent.nextRevocation()
      // The lease is gone with that.
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 4,
          [HandAgent.sample(3)]))
      _ = await agent.nextRevocation()
    }
    #expect(
      lines("benchfront_samples_") == [
        "benchfront_samples_committed_total 3", "benchfront_samples_repeated_total 1",
      ])
    #expect(
      lines("benchfront_sample_messages_refused_total") == [
        #"benchfront_sample_messages_refused_total{reason="invalid"} 1"#,
        #"benchfront_sample_messages_refused_total{reason="superseded"} 1"#,
      ])
    #expect(
      lines("benchfront_sample_commit_duration_seconds_count") == [
        "benchfront_sample_commit_duration_seconds_count 2"
      ])
    #expect(lines("benchfront_ingest_queue_messages").isEmpty)
  }

  @Test("a session that is gone is no agent, and nothing of it waits to be read")
  func gone() async throws {
    let registry = MetricRegistry()
    let rig = try await Rig(metrics: ControlMetrics(registry))
    var agent: HandAgent? = HandAgent("a", rig)
    try await agent?.hello(rig)
    #expect(registry.prometheusText().contains("\nbenchfront_agent_outbox_messages 1\n"))
    agent = nil
    let text = registry.prometheusText()
    #expect(text.contains("\nbenchfront_agent_outbox_messages 0\n"))
    #expect(text.contains("\nbenchfront_agents_connected 0\n"))
  }
}
