/// How long the simulated engine takes: a stated model, the same on every machine.
///
/// With `n` requests being served (at most the batch's bound; further ones wait their turn):
///
///     time to first token = base * prefill(quantization) / speed(hardware)
///                           * (0.5 + 0.5 * prompt tokens / 64) * (1 + 0.25 * (n - 1))
///     gap between tokens  = base * (decode(quantization) + slope(quantization) * (n - 1))
///                           / speed(hardware)
///
/// Decoding is bound by memory, so fewer bits are faster alone; they cost more to unpack with each
/// further request, so that the order of quantizations turns over with concurrency, as it does on
/// real engines. None of it was measured, and nothing that comes from it may pass as measured.
package struct ServiceTimeModel: Sendable, Hashable {
  /// Time to first token of one request alone in 16 bits, for a prompt of 64 tokens.
  package var timeToFirstToken: Duration
  /// Gap between tokens of one request alone in 16 bits.
  package var interTokenLatency: Duration
  /// Requests served together when the request does not say.
  package var maxBatch: Int

  /// Makes a model; 40 ms, 10 ms and 64 unless told otherwise.
  package init(
    timeToFirstToken: Duration = .milliseconds(40), interTokenLatency: Duration = .milliseconds(10),
    maxBatch: Int = 64
  ) {
    self.timeToFirstToken = timeToFirstToken
    self.interTokenLatency = interTokenLatency
    self.maxBatch = max(1, maxBatch)
  }

  /// What a request runs on; empty names stand for 16 bits and one L4.
  package struct Setting: Sendable, Hashable {
    /// Quantization's id.
    package var quantization = ""
    /// Hardware profile's id.
    package var hardware = ""

    /// The base setting.
    package init(quantization: String = "", hardware: String = "") {
      self.quantization = quantization
      self.hardware = hardware
    }
  }

  /// Time to first token with `active` requests served, this one included.
  package func timeToFirstToken(
    _ setting: Setting, promptTokens: Int, active: Int
  ) -> Duration {
    let load = 1 + 0.25 * Double(max(0, active - 1))
    let length = 0.5 + 0.5 * Double(promptTokens) / 64
    return timeToFirstToken * (costs(setting).prefill / speed(setting) * length * load)
  }

  /// Gap to the next token with `active` requests served, this one included.
  package func interTokenLatency(_ setting: Setting, active: Int) -> Duration {
    let costs = costs(setting)
    let load = costs.decode + costs.slope * Double(max(0, active - 1))
    return interTokenLatency * (load / speed(setting))
  }

  private typealias Costs = (prefill: Double, decode: Double, slope: Double)

  /// What a quantization costs beside 16 bits.
  private static let costs: KeyValuePairs<String, Costs> = [
    "fp8": (0.60, 0.60, 0.06), "int8": (0.70, 0.62, 0.09), "q8_0": (0.70, 0.62, 0.09),
    "int4": (0.75, 0.40, 0.14), "q4_k_m": (0.95, 0.42, 0.16), "q4_1": (1.20, 0.45, 0.20),
  ]
  /// How fast one accelerator is beside an L4, by the first part of the profile's id.
  private static let speeds: KeyValuePairs<String, Double> = ["a100": 4, "h100": 7, "cpu": 0.5]

  /// "fp8 0.6, 0.6 and 0.06; ...", for help.
  static var costTable: String {
    costs.map { "\($0) \($1.prefill), \($1.decode) and \($1.slope)" }.joined(separator: "; ")
  }
  /// "a100 4.0; ...", for help.
  static var speedTable: String { speeds.map { "\($0) \($1)" }.joined(separator: "; ") }

  private func costs(_ setting: Setting) -> Costs {
    Self.costs.first { $0.key == setting.quantization }?.value ?? (1.00, 1.00, 0.05)
  }

  private func speed(_ setting: Setting) -> Double {
    let parts = setting.hardware.split(separator: "-")
    let alone = Self.speeds.first { $0.key == parts.first ?? "" }?.value ?? 1
    guard let last = parts.last, last.hasPrefix("x"), let count = Double(last.dropFirst()),
      count > 1
    else { return alone }
    // Each doubling of accelerators gives 1.7 times the speed.
    var speed = alone
    var left = min(count, 1024)
    while left >= 2 {
      speed *= 1.7
      left /= 2
    }
    return speed
  }
}
