import Glibc

/// Quantiles of the standard normal distribution.
enum Normal {
  /// The value below which lies `probability`, strictly between 0 and 1; relative error < 1e-14.
  ///
  /// Acklam's rational approximation, then one step of Halley's method on `erfc`.
  static func quantile(_ probability: Double) -> Double {
    let start = approximation(probability)
    let error = 0.5 * erfc(-start / 2.0.squareRoot()) - probability
    let step = error * (2 * Double.pi).squareRoot() * exp(start * start / 2)
    return start - step / (1 + start * step / 2)
  }

  private static func approximation(_ p: Double) -> Double {
    guard p <= 0.5 else { return -approximation(1 - p) }
    guard p < 0.02425 else { return central(p - 0.5) }
    let q = (-2 * log(p)).squareRoot()
    let above = polynomial(
      q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734,
      4.374664141464968, 2.938163982698783)
    let below = polynomial(
      q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1)
    return above / below
  }

  private static func central(_ q: Double) -> Double {
    let r = q * q
    let above = polynomial(
      r, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
      1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239)
    let below = polynomial(
      r, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
      6.680131188771972e+01, -1.328068155288572e+01, 1)
    return above * q / below
  }

  private static func polynomial(_ x: Double, _ coefficients: Double...) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
}

/// Student's t distribution.
enum StudentT {
  /// The value below which lies `probability`, which is at least 0.5 and below 1; `degrees` >= 1.
  ///
  /// Bisection on the cumulative distribution: sixty halvings reach the last bit that matters.
  static func quantile(_ probability: Double, degrees: Int) -> Double {
    let normal = Normal.quantile(probability)
    if degrees > 100_000_000 { return normal }
    var low = normal
    var high = max(1, normal)
    while cumulative(high, degrees: degrees) < probability { high *= 2 }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if cumulative(middle, degrees: degrees) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The probability of at most `t`, which is not negative.
  static func cumulative(_ t: Double, degrees: Int) -> Double {
    let freedom = Double(degrees)
    let x = freedom / (freedom + t * t)
    return 1 - 0.5 * incompleteBeta(x, freedom / 2, 0.5)
  }

  /// The regularized incomplete beta function (DLMF 8.17.22, by the symmetry of 8.17.4).
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
    let front = exp(a * log(x) + b * log1p(-x) - logBeta) / a
    return front * continuedFraction(x, a, b)
  }

  /// Lentz's method; it converges within tens of steps on the side that `incompleteBeta` picks.
  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    var c = 1.0
    var d = 1 / (1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / (1 + even * d)
      c = 1 + even / c
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / (1 + odd * d)
      c = 1 + odd / c
      result *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }

  private static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }
}
