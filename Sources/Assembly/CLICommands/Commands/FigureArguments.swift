import APIBindings

/// A duration with its unit: "500ms", "0.5s". Without one 500 might mean either.
struct Seconds {
  let value: Double

  /// Reads a duration.
  init(parsing text: String) throws {
    let units = [("ms", 1e-3), ("us", 1e-6), ("s", 1.0)]
    if let number = Double(text), number.isFinite, number >= 0 {
      throw ArgumentFault("a time needs its unit: \(text)ms or \(text)s")
    }
    guard let (unit, scale) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number.isFinite, number >= 0
    else { throw ArgumentFault("a time is 500ms or 0.5s, and not negative") }
    value = number * scale
  }
}

/// A number, finite and not negative.
struct Amount {
  let value: Double

  /// Reads a number without a unit.
  init(parsing text: String) throws {
    guard let number = Double(text), number.isFinite, number >= 0 else {
      throw ArgumentFault("must be a finite number without a unit, 0 or more")
    }
    value = number
  }
}

/// A count of parameters: "8030261248", "8.03B", "135M".
struct ParameterCount {
  let value: Int64

  /// Reads a count.
  init(parsing text: String) throws {
    let units: [(Character, Double)] = [("K", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)]
    let scale = units.first { $0.0 == text.uppercased().last }?.1
    let number = Double(scale == nil ? text[...] : text.dropLast())
    guard let number, number >= 0, let count = Int64(exactly: (number * (scale ?? 1)).rounded()),
      scale != nil || Int64(text) != nil
    else { throw ArgumentFault("a count of parameters is 8030261248, 8.03B or 135M") }
    value = count
  }
}

/// A share, from 0 to 1.
struct Ratio {
  let value: Double

  /// Reads a ratio; what is above 1 was meant as a percentage.
  init(parsing text: String) throws {
    let number = try Amount(parsing: text).value
    guard number <= 1 else {
      throw ArgumentFault(
        "a ratio lies between 0 and 1; write \(Format.short(number / 100)) for \(text)%")
    }
    value = number
  }
}

/// "ttft", "ttft-p95": a metric, and which figure of it.
struct FigureName: Equatable {
  let metric: Metric
  var statistic = Statistic.unspecified

  /// Reads a name; dashes and underscores within a metric's name are the same.
  init(parsing text: String) throws {
    if let metric = Names.value(text, of: Metric.self) {
      self.metric = metric
      return
    }
    let dash = text.lastIndex(of: "-") ?? text.endIndex
    guard let metric = Names.value(text[..<dash], of: Metric.self) else {
      throw ArgumentFault("there is no metric '\(text)'; known are \(Names.all(Metric.self))")
    }
    let rest = text[dash...].dropFirst()
    guard let statistic = Names.value(rest, of: Statistic.self) else {
      throw ArgumentFault(
        "there is no statistic '\(rest)'; known are \(Names.all(Statistic.self))")
    }
    self.metric = metric
    self.statistic = statistic
  }
}

/// "ttft-p95<=500ms", "output_throughput>=100": a limit on any metric and statistic.
struct Limit {
  let objective: Objective

  /// Reads a limit; its value is a time, a ratio or a number as the metric is.
  init(parsing text: String) throws {
    guard let sign = text.firstRange(of: "<=") ?? text.firstRange(of: ">=") else {
      throw ArgumentFault("a limit is METRIC[-STATISTIC]<=VALUE or >=VALUE, e.g. ttft-p95<=500ms")
    }
    let figure = try FigureName(parsing: String(text[..<sign.lowerBound]))
    let value = try Self.value(String(text[sign.upperBound...]), of: figure.metric)
    objective = Objective(
      metric: figure.metric, statistic: figure.statistic,
      bound: text[sign].hasPrefix("<") ? .atMost(value) : .atLeast(value))
  }

  private static func value(_ text: String, of metric: Metric) throws -> Double {
    if metric.unit == "seconds" { return try Seconds(parsing: text).value }
    guard let amount = try? Amount(parsing: text) else {
      let unit = metric.unit.map { $0 == "_" ? " " : $0 }
      throw ArgumentFault(
        "\(Names.text(metric)) takes a number without a unit, 0 or more (\(String(unit))), "
          + "not '\(text)'")
    }
    return metric == .errorRate ? try Ratio(parsing: text).value : amount.value
  }
}

/// "ttft=2" or "ttft-p95=2": a weight of a criterion.
struct Weight {
  let criterion: Criterion

  /// Reads a weight.
  init(parsing text: String) throws {
    guard let sign = text.lastIndex(of: "=") else {
      throw ArgumentFault("a weight is METRIC[-STATISTIC]=WEIGHT, e.g. ttft-p95=2")
    }
    let figure = try FigureName(parsing: String(text[..<sign]))
    let weight = try Amount(parsing: String(text[sign...].dropFirst())).value
    criterion = Criterion(metric: figure.metric, statistic: figure.statistic, weight: weight)
  }
}
