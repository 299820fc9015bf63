import BenchmarkDomain

/// Names a state of some data by its content: it moves when the data does, and only then, and is
/// the same on every replica that has read the same data.
package struct DataEpoch: Sendable, Hashable {
  private(set) var high: UInt64 = 0x9e37_79b9_7f4a_7c15
  private(set) var low: UInt64 = 0xd1b5_4a32_d192_ed03

  /// The epoch of no data.
  init() {}

  /// Adds a number. Two multiplications of 128 bits; what is hashed is our own store's, not an
  /// adversary's.
  mutating func add(_ word: UInt64) {
    let first = (high ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    let second = (low &+ word).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
    high = first.high ^ first.low &+ second.high
    low = second.high ^ second.low &+ first.high &+ 1
  }

  /// Adds a text behind its length.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      add(UInt64(utf8.count))
      let bytes = UnsafeRawBufferPointer(utf8)
      var place = 0
      while bytes.count - place >= 8 {
        add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
        place += 8
      }
      if place == bytes.count { return }
      var word: UInt64 = 0
      for offset in place..<bytes.count {
        word |= UInt64(bytes[offset]) << UInt64(8 * (offset - place))
      }
      add(word)
    }
  }

  /// Adds a figure by its bits.
  mutating func add(_ value: Double) { add(value.bitPattern) }

  /// Adds another epoch.
  mutating func add(_ other: DataEpoch) {
    add(other.high)
    add(other.low)
  }

  /// Adds a result, which never changes under its id, with what it is answered from. It is read
  /// where it stands: to hand it over would count every string in it.
  mutating func add(_ rows: [ConfigurationResult], at row: Int) {
    add(rows[row].configuration.id.high)
    add(rows[row].configuration.id.low)
    add(rows[row].result.id)
    add(UInt64(rows[row].result.provenance.kind.bit))
    add(UInt64(bitPattern: rows[row].result.measuredAt?.nanoseconds ?? .min))
    add(UInt64(bitPattern: rows[row].result.requestCount))
    add(UInt64(bitPattern: rows[row].result.errorCount))
    for place in rows[row].result.measurements.indices {
      add(rows[row].result.measurements[place].value)
    }
  }

  /// Adds a hardware profile; nil when the catalog has none.
  mutating func add(_ profile: HardwareProfile?) {
    guard let profile else { return add(0 as UInt64) }
    add(profile.id)
    add(profile.accelerator)
    add(profile.vendor)
    add(UInt64(bitPattern: Int64(profile.acceleratorCount)))
    add(UInt64(bitPattern: profile.memoryBytes))
    add(UInt64(bitPattern: profile.memoryBandwidthBytesPerSecond))
    add(profile.powerWatts)
  }

  /// Adds a price.
  mutating func add(_ price: PriceEntry) {
    switch price.item {
    case .hardware(let id, let perHour):
      add(id)
      add(perHour)
    case .model(let id, let input, let output):
      add(id)
      add(input)
      add(output)
    }
    for text in [price.id, price.basis.rawValue, price.offer, price.region, price.source] {
      add(text)
    }
    add(UInt64(bitPattern: price.observedAt.nanoseconds))
  }
}

/// The epochs of a snapshot: one of each model's results, and one of the price book.
struct ModelEpochs: Sendable {
  private let byModel: [String: DataEpoch]
  private let prices: DataEpoch
  private let all: DataEpoch

  /// Takes rows in the snapshot's order, with their model's and hardware's numbers.
  init(
    _ rows: [ConfigurationResult], models: DimensionColumn, hardware: DimensionColumn,
    profiles: [HardwareProfile?], prices entries: [PriceEntry]
  ) {
    let profileEpochs = profiles.map { profile in
      var epoch = DataEpoch()
      epoch.add(profile)
      return epoch
    }
    var epochs = [DataEpoch](repeating: DataEpoch(), count: models.names.count)
    for index in rows.indices {
      let number = Int(models.numbers[index])
      epochs[number].add(rows, at: index)
      epochs[number].add(profileEpochs[Int(hardware.numbers[index])])
    }
    byModel = Dictionary(uniqueKeysWithValues: zip(models.names, epochs))
    var prices = DataEpoch()
    // The store's order is not promised.
    for entry in entries.sorted(by: { $0.id < $1.id }) { prices.add(entry) }
    self.prices = prices
    var all = prices
    for (name, epoch) in byModel.sorted(by: { $0.key < $1.key }) {
      all.add(name)
      all.add(epoch)
    }
    self.all = all
  }

  /// The epoch of what is answered about models, all when none is named.
  func epoch(of modelIDs: [String]) -> DataEpoch {
    if modelIDs.isEmpty { return all }
    var epoch = prices
    for id in modelIDs { epoch.add(byModel[id] ?? DataEpoch()) }
    return epoch
  }
}

extension RankingSnapshot {
  /// The epoch of everything that the answer to a question rests on.
  package func epoch(of query: RankingQuery) -> DataEpoch {
    epochs.epoch(of: query.filter.modelIDs)
  }
}
