internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  static let results: [StorageConformance] = [
    StorageConformance("results are read back as they were stored") { test in
      let configuration = Example.configuration()
      let result = Example.result("r", of: configuration, measuredAt: nil)
      _ = try await test.store.store(Example.bundle([(configuration, result)]))
      let found = try await test.store.results(ResultQuery(), page: PageRequest())
      try checkEqual(
        found.items, [ConfigurationResult(configuration: configuration, result: result)])
      try checkEqual(found.nextToken, "")
    },
    StorageConformance("results come in the order that is asked, those without it last") { test in
      _ = try await fill(test)
      try await checkOrder(test, .ttft) { $0.typical(.ttft)?.value }
      try await checkOrder(test, .outputThroughput) { $0.typical(.outputThroughput)?.value }
      try await checkOrder(test, .measuredAt) { ($0.measuredAt?.nanoseconds).map(Double.init) }
    },
    StorageConformance("results are filtered by configuration and provenance") { test in
      _ = try await fill(test)
      var query = ResultQuery()
      query.filter.engineIDs = ["tgi"]
      query.provenance = .simulated
      let found = try await everyPage(of: 4) { try await test.store.results(query, page: $0) }
      try checkEqual(found.count, 8)
      try check(
        found.allSatisfy {
          $0.configuration.engineID == "tgi" && $0.result.provenance.kind == .simulated
        }, "a result that was not asked for")
    },
    StorageConformance("the snapshot holds everything at one version") { test in
      let all = try await fill(test)
      _ = try await test.store.register(Model(id: "m"))
      let price = try await test.store.register(Example.price())
      let snapshot = try await test.store.snapshot()
      try checkEqual(Set(snapshot.results.map(\.configuration)), Set(all))
      try checkEqual(snapshot.prices, [price])
      try checkEqual(snapshot.models.map(\.id), ["m"])
      try checkEqual(Set(snapshot.hardware.map(\.id)), ["l4-x1", "h100-80gb-x1"])
      try checkEqual(snapshot.version, try await test.store.dataVersion())
    },
    StorageConformance("the results of a configuration come newest first") { test in
      let configuration = Example.configuration()
      let times: [Int64?] = [10, nil, 30, 20]
      let results = times.enumerated().map { index, time in
        (
          configuration,
          Example.result(
            "r\(index)", of: configuration, measuredAt: time.map { WallTime(seconds: $0) })
        )
      }
      _ = try await test.store.store(Example.bundle(results))
      let found = try present(try await test.store.configuration(configuration.id)).1
      try checkEqual(found.map(\.id), ["r2", "r3", "r0", "r1"])
    },
  ]

  private static func checkOrder(
    _ test: StoreUnderTest, _ key: ListOrder.Key, _ value: (BenchmarkResult) -> Double?
  ) async throws {
    for isDescending in [false, true] {
      var query = ResultQuery()
      query.order = ListOrder(key, descending: isDescending)
      let found = try await everyPage(of: 5) { try await test.store.results(query, page: $0) }
      try checkEqual(Set(found.map(\.result.id)).count, 24)
      for (left, right) in zip(found, found.dropFirst()) {
        switch (value(left.result), value(right.result)) {
        case (let a?, let b?):
          let isOrdered =
            a == b ? left.result.id < right.result.id : (a < b) != isDescending
          try check(isOrdered, "\(key): \(a) before \(b), \(left.result.id), \(right.result.id)")
        case (nil, nil): try check(left.result.id < right.result.id, "\(key): ties by id")
        case (nil, _?): try check(false, "\(key): a result without it stands before one with it")
        case (_?, nil): break
        }
      }
    }
  }

  static let imports: [StorageConformance] = [
    StorageConformance("an import stores what is new and counts what was there") { test in
      let configuration = Example.configuration()
      var bundle = Example.bundle([(configuration, Example.result("r", of: configuration))])
      bundle.models = [Model(id: "new"), Model(id: "old", displayName: "other")]
      bundle.hardware = [HardwareProfile(id: "h", accelerator: "A", memoryBytes: 1)]
      bundle.engines = [Engine(id: "e", displayName: "E", quantizationIDs: [])]
      bundle.prices = [Example.price()]
      _ = try await test.store.register(Model(id: "old"))
      let first = try await test.store.store(bundle)
      try checkEqual(
        first,
        ImportOutcome(storedCount: 1, duplicateCount: 0, newModelCount: 1, newHardwareCount: 1))
      try checkEqual(try await test.store.model("old")?.displayName, "old")
      let version = try await test.store.dataVersion()
      let second = try await test.store.store(bundle)
      try checkEqual(
        second,
        ImportOutcome(storedCount: 0, duplicateCount: 1, newModelCount: 0, newHardwareCount: 0))
      try checkEqual(try await test.store.dataVersion(), version)
      try checkEqual(try await test.store.snapshot().prices.count, 1)
    },
    StorageConformance("an import with a result id of other content is refused as a whole") {
      test in
      let configuration = Example.configuration()
      let result = Example.result("r", of: configuration)
      _ = try await test.store.store(Example.bundle([(configuration, result)]))
      var bundle = Example.bundle([
        (configuration, Example.result("new", of: configuration)),
        (configuration, Example.result("r", of: configuration, ttft: 9)),
      ])
      bundle.models = [Model(id: "m")]
      let version = try await test.store.dataVersion()
      try await checkRefused(.alreadyExists) { [bundle] in try await test.store.store(bundle) }
      try checkEqual(try await test.store.model("m"), nil)
      try checkEqual(try await test.store.dataVersion(), version)
      let found = try present(try await test.store.configuration(configuration.id)).1
      try checkEqual(found, [result])
    },
    StorageConformance("a configuration id with other dimensions is refused") { test in
      let first = Example.configuration(maxBatch: 8)
      // The same text under the same name, so the same hash.
      let second = Example.configuration(extra: [Dimension(name: "max_batch", value: "8")])
      try checkEqual(first.id, second.id)
      _ = try await test.store.store(Example.bundle([(first, Example.result("a", of: first))]))
      try await checkRefused(.alreadyExists) {
        try await test.store.store(Example.bundle([(second, Example.result("b", of: second))]))
      }
    },
    StorageConformance("figures that are no numbers are refused") { test in
      let configuration = Example.configuration()
      for bad in [Double.nan, .infinity, -.infinity] {
        try await checkRefused(.invalid) {
          try await test.store.store(
            Example.bundle([(configuration, Example.result("r", of: configuration, ttft: bad))]))
        }
        var result = Example.result("r", of: configuration)
        result.measurements[0].certified = bad
        try await checkRefused(.invalid) { [result] in
          try await test.store.store(Example.bundle([(configuration, result)]))
        }
      }
      try checkEqual(try await test.store.snapshot().results, [])
    },
    StorageConformance("a result of another configuration is refused") { test in
      let result = Example.result("r", of: Example.configuration(concurrency: 9))
      try await checkRefused(.invalid) {
        try await test.store.store(Example.bundle([(Example.configuration(), result)]))
      }
    },
  ]
}
