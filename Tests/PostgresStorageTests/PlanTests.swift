import BenchmarkDomain
import Foundation
import PostgresClient
import Reactor
import Storage
import TestServers
import TestSupport
import Testing

@testable import PostgresStorage

/// The plans of what the API asks, as the server itself writes them into its log
/// (https://www.postgresql.org/docs/15/auto-explain.html).
@Suite("Plans", .serialized)
struct PlanTests {
  /// Tables that grow with the runs, besides the partitions of samples: none is read from end to
  /// end for a page of it.
  private static let large = [
    "execution", "result", "configuration", "batch", "run_commit", "segment",
  ]

  private static let settings = [
    "session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0",
    "auto_explain.log_nested_statements = on", "autovacuum = off",
  ]

  /// 1,000 runs with 20,000 executions and results in five weeks; 250 samples of each come behind.
  private static let population = [
    """
    INSERT INTO benchfront.run (id, name, request_id, state, requests_per_configuration,
      warmup_requests, seed, configuration_count, completed_count, failed_count,
      infeasible_count, committed_sample_count, batch_count, commit_number, created_at)
    SELECT 'run-' || n, 'A run', 'request-' || n,
      CASE WHEN n % 200 = 0 THEN 'running' ELSE 'completed' END, 10, 0, n, 20, 20, 0, 0, 200, 4,
      20, 1780000000000000000 + n
    FROM generate_series(1, 1000) n
    """,
    """
    INSERT INTO benchfront.batch (id, run_key, position, state, model_id, hardware_id, engine_id,
      quantization_id, configuration_count, ended_count, agent_id, fencing_token,
      lease_expires_at, version)
    SELECT 'batch-' || r.key || '-' || n, r.key, n,
      CASE WHEN r.state = 'completed' THEN 'completed'
        WHEN n = 0 THEN 'leased' ELSE 'pending' END,
      'model-' || r.key % 50, 'l4-x1', 'vllm', 'fp16', 5, 5,
      CASE WHEN n = 0 THEN 'agent-' || r.key END, 1, CASE WHEN n = 0 THEN 1 END, 1
    FROM benchfront.run r, generate_series(0, 3) n ORDER BY r.key, n
    """,
    """
    INSERT INTO benchfront.execution (id, batch_key, run_key, position, attempt,
      configuration_key, state, request_count, committed, is_full, samples_at, next_segment,
      engine_version, model_revision, is_simulated, failure)
    SELECT 'execution-' || c.key, b.key, b.run_key, (c.key - 1) % 5, 1, c.key,
      CASE WHEN c.key % 1000 = 0 THEN 'running' WHEN c.key % 77 = 0 THEN 'failed'
        ELSE 'completed' END,
      16, '\\xff03', c.key % 1000 = 0, timestamptz '2026-05-25' + c.key % 5 * INTERVAL '7 days',
      1, '', '', false, ''
    FROM benchfront.configuration c JOIN benchfront.batch b ON b.key = (c.key - 1) / 5 + 1
    """,
    """
    INSERT INTO benchfront.segment (execution_key, number, agent_id, wall_clock_anchor)
    SELECT key, 0, 'a', 0 FROM benchfront.execution
    """,
    """
    INSERT INTO benchfront.run_commit (run_key, number, committed_at, kind, execution_key,
      first_request, last_request)
    SELECT run_key, row_number() OVER (PARTITION BY run_key ORDER BY key), 0, 1, key, 0, 9
    FROM benchfront.execution
    """,
    """
    SELECT benchfront.make_sample_partition(timestamptz '2026-05-25' + n * INTERVAL '7 days')
    FROM generate_series(0, 4) n
    """,
  ]

  /// Samples of each execution, and of one statement at a time, which has a timeout.
  private static let (samples, samplesPerStatement) = (250, 25)

  /// Inserts samples of every execution from a request on.
  private static func sampleInsertion(from first: Int) -> String {
    """
    INSERT INTO benchfront.request_sample (execution_key, started_at, commit_number, scheduled,
      sent, first_byte, first_content, first_visible, last_content, ended, request_index, segment,
      input_tokens, output_tokens, content_chunks, http_status, outcome, token_source, gaps)
    SELECT l.execution_key, e.samples_at, l.number, 0, 1, 2, 3, 4, 5, 6, n, 0, 7, 8, 9, 200, 1, 1,
      '\\x0102'
    FROM benchfront.run_commit l JOIN benchfront.execution e ON e.key = l.execution_key,
      generate_series(\(first), \(first + samplesPerStatement - 1)) n
    ORDER BY l.execution_key, n
    """
  }

  private static func populate(_ store: PostgresStore) async throws {
    for part in 0..<10 {
      let results = (0..<2000).map { index in
        let number = part * 2000 + index
        let configuration = Example.configuration(
          model: "model-\(number % 50)", input: Int32(number), output: Int32(number / 7 + 1),
          concurrency: Int32(number % 500 + 1))
        return (
          configuration,
          Example.result(
            "execution-\(number)", of: configuration, ttft: Double(number), tpot: Double(number),
            throughput: Double(number), measuredAt: WallTime(seconds: Int64(number)))
        )
      }
      _ = try await store.store(Example.bundle(results))
    }
    for sql in population { try await store.change(sql) }
    for first in stride(from: 0, to: samples, by: samplesPerStatement) {
      try await store.change(sampleInsertion(from: first))
    }
    try await store.change("UPDATE benchfront.result SET run_id = 'run-' || (key - 1) / 20 + 1")
    try await store.change("ANALYZE")
  }

  /// Asks everything that the API asks, a few times, so that prepared plans are met too.
  private static func askEverything(_ store: PostgresStore) async throws {
    for key in ListOrder.Key.allCases {
      for isDescending in [false, true] {
        var query = ResultQuery()
        query.order = ListOrder(key, descending: isDescending)
        let first = try await store.results(query, page: PageRequest(size: 50))
        let page = PageRequest(size: 50, token: first.nextToken)
        #expect(try await store.results(query, page: page).items.count == 50)
        guard ![.measuredAt, .ttft, .tpot, .outputThroughput].contains(key) else { continue }
        let known = try await store.configurations(
          filter: ConfigurationFilter(), order: query.order, page: PageRequest(size: 50))
        #expect(known.items.count == 50)
      }
    }
    var query = ResultQuery()
    query.runID = "run-7"
    #expect(try await store.results(query, page: PageRequest()).items.count == 20)
    query = ResultQuery()
    query.filter.modelIDs = ["model-7"]
    let found = try await store.results(query, page: PageRequest()).items
    #expect(found.count == 100)
    #expect(try await store.configuration(found[0].configuration.id) != nil)
    #expect(try await store.run("run-7")?.id == "run-7")
    #expect(try await store.runs(state: nil, page: PageRequest()).items.count == 100)
    #expect(try await store.runs(state: .running, page: PageRequest()).items.count == 5)
    #expect(try await store.counts().pendingBatches == 15)
    #expect(try await store.batches(runID: "run-7").count == 4)
    #expect(try await !store.failures(runID: "run-8").isEmpty)
    #expect(try await store.pendingBatches(for: Example.inventory(), limit: 5).count == 5)
    #expect(try await store.expiredBatches().count >= 4)
    #expect(try await store.leasedBatches(agentID: "agent-200").count == 1)
    #expect(try await store.executionsAwaitingResult().count == 20)
    #expect(try await store.execution("execution-77")?.state == .failed)
    #expect(try await store.segment(0, of: "execution-77") != nil)
    #expect(try await store.samples(executionID: "execution-77").count == samples)
    let page = try await store.samples(executionID: "execution-77", page: PageRequest(size: 4))
    #expect(page.items.count == 4)
    let rest = PageRequest(size: 10, token: page.nextToken)
    #expect(try await store.samples(executionID: "execution-77", page: rest).items.count == 10)
    let log = try await store.commits(runID: "run-7", after: 10, limit: 100)
    #expect(log.count == 10)
  }

  /// Writes as agents and servers do.
  private static func writeEverything(_ store: PostgresStore, _ round: Int) async throws {
    let fence = Fence(batchID: "batch-200-0", token: 1)
    let execution = try #require(
      try await store.updateBatch(fence.batchID, fence: fence) { aggregate in
        aggregate.executions[0].startedAt = aggregate.now
        return aggregate.executions.first { !$0.state.isTerminal || $0.state == .completed }?.id
      })
    try await store.change(
      "UPDATE benchfront.execution SET state = 'running' WHERE id = '\(execution)'")
    let outcomes = try await store.commit([
      SampleCommit(
        fence: fence, executionID: execution, samples: [Example.sample(UInt32(10 + round))])
    ])
    guard case .committed(_, _, 1, _) = outcomes[0] else {
      throw StorageError(.invalid, "\(outcomes)")
    }
    #expect(try await store.renewLease(fence, for: .seconds(9), agentID: "agent-200"))
    let name = "new \(UUID())"
    let (run, batches, executions) = Example.run(name)
    _ = try await store.create(run, batches: batches, executions: executions)
    _ = try await store.cancelRun(name)
  }

  @Test(
    "no question of the API reads a large table from end to end", .timeLimit(.minutes(5)),
    arguments: Flavour.found)
  func noSequentialScan(_ flavour: Flavour) async throws {
    let server = try PostgresServer(Self.settings + flavour.settings)
    var database = PostgresConfiguration(server.connectionString)
    var store = try await PostgresStore.open(
      PostgresStoreSettings(database), loops: try TestStore.loops.get())
    try await Self.populate(store)
    let filled = try await store.read { connection in
      try await connection.all(
        """
        SELECT relname::text FROM pg_class
        WHERE (relname LIKE 'request_sample_2%' OR relname LIKE '\\_hyper\\_%\\_chunk')
          AND relkind = 'r' AND reltuples > 0
        """
      ) { try $0.text() }
    }
    #expect(filled.count == 5)
    let log = server.folder.appending(path: "log")
    let begin = try Data(contentsOf: log).count
    for (round, mode) in ["force_custom_plan", "force_generic_plan"].enumerated() {
      await store.close()
      database = PostgresConfiguration(
        server.connectionString + " options='-c plan_cache_mode=\(mode)'")
      store = try await PostgresStore.open(
        PostgresStoreSettings(database), loops: try TestStore.loops.get())
      try await Self.askEverything(store)
      try await Self.writeEverything(store, round)
    }
    await store.close()
    let text = String(decoding: try Data(contentsOf: log).dropFirst(begin), as: UTF8.self)
    let large = Self.large + filled
    let plans = text.components(separatedBy: "  plan:").dropFirst()
    #expect(plans.count > 200)
    let isIndexUsed = plans.contains {
      $0.contains("request_sample_execution") || $0.contains("request_sample_2")
    }
    #expect(isIndexUsed)
    for plan in plans {
      for table in large where plan.contains("Seq Scan on \(table)") {
        Issue.record("\(table) is read from end to end: \(plan.prefix(2500))")
      }
    }
  }
}
