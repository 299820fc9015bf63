internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  static let catalog: [StorageConformance] = [
    StorageConformance("an empty store knows nothing") { test in
      try checkEqual(try await test.store.model("m"), nil)
      try checkEqual(try await test.store.hardware("h"), nil)
      try checkEqual(try await test.store.engine("e"), nil)
      try checkEqual(try await test.store.price("p"), nil)
      try checkEqual(try await test.store.models(kind: nil, page: PageRequest()).items, [])
      try checkEqual(try await test.store.snapshot().results, [])
    },
    StorageConformance("a model is read back as it was registered") { test in
      let model = Model(
        id: "org/näme", displayName: "Näme", kind: .hosted, provider: "p",
        parameterCount: 8_030_261_248, layerCount: 32, keyValueHeadCount: 8, headDimension: 128,
        contextLength: 131_072, license: "mit", revision: "r", createdAt: test.clock.now)
      try checkEqual(try await test.store.register(model), model)
      try checkEqual(try await test.store.model("org/näme"), model)
    },
    StorageConformance("an equal model is found again, whenever it was registered") { test in
      let first = Model(id: "m", createdAt: WallTime(seconds: 5))
      let second = Model(id: "m", createdAt: WallTime(seconds: 9))
      _ = try await test.store.register(first)
      try checkEqual(try await test.store.register(second), first)
    },
    StorageConformance("an id with other content is refused") { test in
      _ = try await test.store.register(Model(id: "m"))
      _ = try await test.store.register(Engine(id: "e", displayName: "E", quantizationIDs: []))
      _ = try await test.store.register(
        HardwareProfile(id: "h", accelerator: "A", memoryBytes: 1))
      try await checkRefused(.alreadyExists) {
        try await test.store.register(Model(id: "m", layerCount: 2))
      }
      try await checkRefused(.alreadyExists) {
        try await test.store.register(
          Engine(id: "e", displayName: "E", quantizationIDs: ["fp16"]))
      }
      try await checkRefused(.alreadyExists) {
        try await test.store.register(HardwareProfile(id: "h", accelerator: "A", memoryBytes: 2))
      }
      try checkEqual(try await test.store.model("m")?.layerCount, 0)
    },
    StorageConformance("hardware and engines are read back as they were registered") { test in
      let hardware = HardwareProfile(
        id: "h", accelerator: "H100-80GB", vendor: "NVIDIA", acceleratorCount: 8,
        memoryBytes: 85_899_345_920, memoryBandwidthBytesPerSecond: 3_350_000_000_000,
        powerWatts: 700.5)
      let engine = Engine(
        id: "e", displayName: "E \"quoted\"", quantizationIDs: ["fp16", "in,t8"], homepage: "u")
      try checkEqual(try await test.store.register(hardware), hardware)
      try checkEqual(try await test.store.hardware("h"), hardware)
      try checkEqual(try await test.store.register(engine), engine)
      try checkEqual(try await test.store.engine("e"), engine)
    },
    StorageConformance("an infinite power is refused") { test in
      try await checkRefused(.invalid) {
        try await test.store.register(
          HardwareProfile(id: "h", accelerator: "A", memoryBytes: 1, powerWatts: .infinity))
      }
    },
    StorageConformance("models are listed by id and kind, page by page") { test in
      for id in ["c", "a", "e", "b", "d"] {
        let kind: ModelKind = id < "c" ? .hosted : .selfHosted
        _ = try await test.store.register(Model(id: id, kind: kind))
      }
      let all = try await everyPage(of: 2) { try await test.store.models(kind: nil, page: $0) }
      try checkEqual(all.map(\.id), ["a", "b", "c", "d", "e"])
      let hosted = try await everyPage(of: 2) {
        try await test.store.models(kind: .hosted, page: $0)
      }
      try checkEqual(hosted.map(\.id), ["a", "b"])
      let exact = try await test.store.models(kind: nil, page: PageRequest(size: 5))
      try checkEqual(exact.nextToken, "")
    },
  ]

  static let prices: [StorageConformance] = [
    StorageConformance("a price gets an id, and an equal one is found again") { test in
      let first = try await test.store.register(Example.price())
      let second = try await test.store.register(Example.price())
      try check(!first.id.isEmpty, "no id")
      try checkEqual(first, second)
      try checkEqual(try await test.store.price(first.id), first)
      let other = try await test.store.register(Example.price(perHour: 0.9))
      try check(other.id != first.id, "the same id")
    },
    StorageConformance("prices are listed by what they are of") { test in
      let hardware = try await test.store.register(Example.price())
      let spot = try await test.store.register(Example.price(basis: .spot))
      var entry = Example.price()
      entry.item = .model(
        id: "m", usdPerMillionInputTokens: 0.5, usdPerMillionOutputTokens: 1.5)
      let model = try await test.store.register(entry)
      let page = PageRequest()
      let ofHardware = try await test.store.prices(
        hardwareID: "l4-x1", modelID: nil, basis: nil, page: page)
      try checkEqual(Set(ofHardware.items), [hardware, spot])
      let ofModel = try await test.store.prices(
        hardwareID: nil, modelID: "m", basis: nil, page: page)
      try checkEqual(ofModel.items, [model])
      let onSpot = try await test.store.prices(
        hardwareID: nil, modelID: nil, basis: .spot, page: page)
      try checkEqual(onSpot.items, [spot])
      let all = try await everyPage(of: 1) {
        try await test.store.prices(hardwareID: nil, modelID: nil, basis: nil, page: $0)
      }
      try checkEqual(all.map(\.id), [hardware, spot, model].map(\.id).sorted())
    },
    StorageConformance("a price that is no number is refused") { test in
      try await checkRefused(.invalid) {
        try await test.store.register(Example.price(perHour: .nan))
      }
    },
    StorageConformance("what rankings read moves the data version, what is there does not") {
      test in
      let registrations: [() async throws -> Void] = [
        { _ = try await test.store.register(Example.price()) },
        {
          _ = try await test.store.register(
            HardwareProfile(id: "h", accelerator: "A", memoryBytes: 1))
        },
        { _ = try await test.store.register(Model(id: "m")) },
      ]
      for register in registrations {
        let before = try await test.store.dataVersion()
        try await register()
        let after = try await test.store.dataVersion()
        try check(after > before, "the version stands still")
        try await register()
        try checkEqual(try await test.store.dataVersion(), after)
      }
      let version = try await test.store.dataVersion()
      _ = try await test.store.register(Engine(id: "e", displayName: "E", quantizationIDs: []))
      try checkEqual(try await test.store.dataVersion(), version)
    },
  ]
}
