internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  /// Stores 24 configurations, each with a result; returns them.
  static func fill(_ test: StoreUnderTest) async throws -> [Configuration] {
    for (id, accelerator) in [("l4-x1", "L4"), ("h100-80gb-x1", "H100-80GB")] {
      _ = try await test.store.register(
        HardwareProfile(id: id, accelerator: accelerator, memoryBytes: 1))
    }
    var configurations: [Configuration] = []
    for model in ["a/one", "b/two"] {
      for hardware in ["l4-x1", "h100-80gb-x1"] {
        for engine in ["vllm", "tgi"] {
          for concurrency: Int32 in [1, 8, 64] {
            configurations.append(
              Example.configuration(
                model: model, hardware: hardware, engine: engine,
                quantization: engine == "tgi" ? "int8" : "fp16", input: concurrency * 2,
                output: 100 - concurrency, concurrency: concurrency))
          }
        }
      }
    }
    let results = configurations.enumerated().map { index, configuration in
      (
        configuration,
        Example.result(
          "r\(index)", of: configuration, kind: index.isMultiple(of: 2) ? .imported : .simulated,
          ttft: index % 5 == 0 ? nil : Double(index % 4),
          throughput: index == 3 ? nil : Double(index % 3),
          measuredAt: index % 6 == 0 ? nil : WallTime(seconds: Int64(1000 + index % 4)))
      )
    }
    _ = try await test.store.store(Example.bundle(results))
    return configurations
  }

  /// A filter with some of its parts set.
  private static func filter(_ set: (inout ConfigurationFilter) -> Void) -> ConfigurationFilter {
    var filter = ConfigurationFilter()
    set(&filter)
    return filter
  }

  private static let filters: [(ConfigurationFilter, @Sendable (Configuration) -> Bool)] = [
    (filter { $0.modelIDs = ["a/one"] }, { $0.modelID == "a/one" }),
    (filter { $0.modelIDs = ["a/one", "b/two"] }, { _ in true }),
    (filter { $0.modelIDs = ["c' OR 1=1 --"] }, { _ in false }),
    (filter { $0.hardwareIDs = ["l4-x1"] }, { $0.hardwareID == "l4-x1" }),
    (filter { $0.accelerators = ["H100-80GB"] }, { $0.hardwareID == "h100-80gb-x1" }),
    (filter { $0.engineIDs = ["tgi"] }, { $0.engineID == "tgi" }),
    (filter { $0.quantizationIDs = ["fp16"] }, { $0.quantizationID == "fp16" }),
    (filter { $0.minInputTokens = 16 }, { $0.workload.inputTokens >= 16 }),
    (filter { $0.maxInputTokens = 16 }, { $0.workload.inputTokens <= 16 }),
    (filter { $0.minOutputTokens = 92 }, { $0.workload.outputTokens >= 92 }),
    (filter { $0.maxOutputTokens = 92 }, { $0.workload.outputTokens <= 92 }),
    (filter { $0.minConcurrency = 8 }, { $0.workload.concurrency >= 8 }),
    (
      filter {
        $0.maxConcurrency = 8
        $0.engineIDs = ["vllm"]
      }, { $0.workload.concurrency <= 8 && $0.engineID == "vllm" }
    ),
  ]

  static let configurations: [StorageConformance] = [
    StorageConformance("configurations are read back, further dimensions included") { test in
      let configuration = Example.configuration(
        maxBatch: 16,
        extra: [Dimension(name: "z", value: "1"), Dimension(name: "a", value: "\"2\"")])
      let result = Example.result("r", of: configuration)
      _ = try await test.store.store(Example.bundle([(configuration, result)]))
      let found = try present(try await test.store.configuration(configuration.id))
      try checkEqual(found.0, configuration)
      try checkEqual(found.1, [result])
      let unknown = try await test.store.configuration(ConfigurationID(high: 1, low: 2))
      try check(unknown == nil, "found one")
    },
    StorageConformance("a filter lets through what it says") { test in
      let all = try await fill(test)
      for (filter, holds) in filters {
        let found = try await everyPage(of: 5) {
          try await test.store.configurations(filter: filter, order: ListOrder(), page: $0)
        }
        try checkEqual(found, all.filter(holds).sorted { $0.id < $1.id })
      }
    },
    StorageConformance("configurations come in the order that is asked, ties by id") { test in
      let all = try await fill(test)
      for isDescending in [false, true] {
        let found = try await everyPage(of: 7) {
          try await test.store.configurations(
            filter: ConfigurationFilter(),
            order: ListOrder(.concurrency, descending: isDescending), page: $0)
        }
        let expected = all.sorted { left, right in
          let (a, b) = (left.workload.concurrency, right.workload.concurrency)
          return a == b ? left.id < right.id : (a < b) != isDescending
        }
        try checkEqual(found, expected)
      }
      let byModel = try await everyPage(of: 5) {
        try await test.store.configurations(
          filter: ConfigurationFilter(), order: ListOrder(.modelID), page: $0)
      }
      try checkEqual(byModel, all.sorted { ($0.modelID, $0.id) < ($1.modelID, $1.id) })
    },
    StorageConformance("configurations cannot be ordered by what results have") { test in
      for key in [ListOrder.Key.measuredAt, .ttft, .tpot, .outputThroughput] {
        try await checkRefused(.invalid) {
          try await test.store.configurations(
            filter: ConfigurationFilter(), order: ListOrder(key), page: PageRequest())
        }
      }
    },
    StorageConformance("a page token of another question is refused, and so is garbage") { test in
      _ = try await fill(test)
      let page = try await test.store.configurations(
        filter: ConfigurationFilter(), order: ListOrder(), page: PageRequest(size: 3))
      var changed = page.nextToken
      changed.removeLast()
      changed += page.nextToken.hasSuffix("A") ? "B" : "A"
      for token in ["x", "!!!!", "AAAAAAAAAAAAAAAA", changed, page.nextToken + "AAAA"] {
        try await checkRefused(.invalid) {
          try await test.store.configurations(
            filter: ConfigurationFilter(), order: ListOrder(),
            page: PageRequest(size: 3, token: token))
        }
      }
      try await checkRefused(.invalid) {
        try await test.store.configurations(
          filter: filter { $0.engineIDs = ["tgi"] }, order: ListOrder(),
          page: PageRequest(size: 3, token: page.nextToken))
      }
      try await checkRefused(.invalid) {
        try await test.store.results(
          ResultQuery(), page: PageRequest(size: 3, token: page.nextToken))
      }
    },
    StorageConformance("a page token goes on with pages of another size") { test in
      let all = try await fill(test).sorted { $0.id < $1.id }
      let first = try await test.store.configurations(
        filter: ConfigurationFilter(), order: ListOrder(), page: PageRequest(size: 3))
      let second = try await test.store.configurations(
        filter: ConfigurationFilter(), order: ListOrder(),
        page: PageRequest(size: 1000, token: first.nextToken))
      try checkEqual(first.items + second.items, all)
    },
    StorageConformance("a page size out of range is refused") { test in
      for size in [Int.min, -1, 0, 1001, Int.max] {
        try await checkRefused(.invalid) {
          try await test.store.models(kind: nil, page: PageRequest(size: size))
        }
      }
    },
  ]
}
