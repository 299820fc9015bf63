package import BenchmarkDomain

extension RankingSnapshot {
  /// Models that a question names and that were not registered when the snapshot was made; they
  /// may be by now, since a model without results does not move the data version.
  package func unknownModels(_ filter: ConfigurationFilter) -> [String] {
    filter.modelIDs.filter { !knownModels.contains($0) }
  }

  /// Hardware profiles likewise.
  package func unknownHardware(_ filter: ConfigurationFilter) -> [String] {
    filter.hardwareIDs.filter { !knownHardware.contains($0) }
  }

  /// Accelerators likewise.
  package func unknownAccelerators(_ filter: ConfigurationFilter) -> [String] {
    filter.accelerators.filter { !knownAccelerators.contains($0) }
  }

  /// Engines of which there was no result.
  package func unknownEngines(_ filter: ConfigurationFilter) -> [String] {
    filter.engineIDs.filter { !engines.names.contains($0) }
  }

  /// Quantizations that nobody knows: the set is fixed, but for what results name.
  package func unknownQuantizations(_ filter: ConfigurationFilter) -> [String] {
    filter.quantizationIDs.filter {
      Quantization.known($0) == nil && $0 != Quantization.unstatedID
        && !quantizations.names.contains($0)
    }
  }

  /// Filters by limits, ranks by TOPSIS between stated bounds, and marks the first front.
  package func rank(_ query: RankingQuery) throws -> RankingAnswer {
    let selection = RowSelection(query, in: self)
    let bounds = query.criteria.compactMap {
      self.bounds(of: $0, over: selection.known, query.priceBasis)
    }
    var rows: [RankedRow] = []
    // A feasible row has every figure, and so every criterion has its bounds.
    if !selection.feasible.isEmpty {
      let ranker = try Ranker(criteria: query.criteria, columns: gather(selection.feasible, query))
      let places = try ranker.rank(bounds, count: query.count)
      rows = zip(places, ranker.onFront(places.map(\.row))).map { place, isOnFront in
        RankedRow(
          rank: place.rank, score: place.score, isOnFront: isOnFront,
          row: answered(selection.feasible[place.row], query))
      }
    }
    return RankingAnswer(rows: rows, counts: counts(selection), bounds: bounds)
  }

  /// Filters by limits and returns what nothing else beats on every criterion.
  package func front(_ query: RankingQuery) throws -> FrontAnswer {
    let selection = RowSelection(query, in: self)
    if selection.feasible.isEmpty {
      return FrontAnswer(rows: [], counts: counts(selection), memberCount: 0)
    }
    let columns = gather(selection.feasible, query)
    let members = try Ranker(criteria: query.criteria, columns: columns).front()
    let sign = query.criteria[0].key.metric.isBenefit ? -1.0 : 1.0
    // Rows stand in the order of configuration ids, which breaks ties.
    let ordered = members.sorted {
      let (left, right) = (sign * columns[0][$0.row], sign * columns[0][$1.row])
      return left != right ? left < right : $0.row < $1.row
    }
    let rows = ordered.prefix(query.count).map { member in
      FrontRow(
        isDuplicate: member.isDuplicate, row: answered(selection.feasible[member.row], query))
    }
    return FrontAnswer(rows: rows, counts: counts(selection), memberCount: members.count)
  }

  /// The figures of a row, stored and derived.
  func figures(at row: Int, _ basis: PriceBasis) -> ResultFigures {
    ResultFigures(
      rows[row], on: profiles[Int(hardware.numbers[row])], prices: prices, basis: basis)
  }
}

extension RankingSnapshot {
  /// Best and worst of a criterion over rows; nil when none has it.
  private func bounds(
    of criterion: WeightedFigure, over rows: [Int32], _ basis: PriceBasis
  ) -> FigureBounds? {
    guard let column = column(criterion.key, basis) else { return nil }
    var (low, high) = (Double.infinity, -Double.infinity)
    for row in rows {
      let value = column[Int(row)]
      if value < low { low = value }
      if value > high { high = value }
    }
    guard low <= high else { return nil }
    return criterion.key.metric.isBenefit
      ? FigureBounds(criterion: criterion, ideal: high, antiIdeal: low)
      : FigureBounds(criterion: criterion, ideal: low, antiIdeal: high)
  }

  /// The criteria's values of rows that have them all.
  private func gather(_ rows: [Int32], _ query: RankingQuery) -> [[Double]] {
    query.criteria.map { criterion in
      guard let column = column(criterion.key, query.priceBasis) else { return [] }
      return rows.map { column[Int($0)] }
    }
  }

  private func answered(_ row: Int32, _ query: RankingQuery) -> AnsweredRow {
    let figures = figures(at: Int(row), query.priceBasis)
    return AnsweredRow(
      source: rows[Int(row)], figures: query.criteria.compactMap { figures.measurement($0.key) },
      price: figures.cost.price)
  }

  private func counts(_ selection: RowSelection) -> RankingCounts {
    let newest = selection.considered.reduce(Int64.min) { max($0, measuredAt[Int($1)]) }
    return RankingCounts(
      considered: selection.considered.count, feasible: selection.feasible.count,
      exclusions: selection.exclusions, dataVersion: version,
      newestMeasuredAt: newest == .min ? nil : WallTime(nanoseconds: newest))
  }
}
