/// A configuration with one of its results.
package struct ConfigurationResult: Sendable, Hashable {
  /// What was measured.
  package var configuration: Configuration
  /// What came out.
  package var result: BenchmarkResult

  /// Joins the two.
  package init(configuration: Configuration, result: BenchmarkResult) {
    self.configuration = configuration
    self.result = result
  }
}
