/// A step from one version of the schema to the next. One that has been released never changes; the
/// next one goes behind it.
struct Migration: Sendable {
  var version: Int
  var name: String
  /// Run in order, in one transaction with the other steps.
  var statements: [String]

  /// What its checksum is made of.
  var text: String { statements.joined(separator: ";\n") }

  /// How people call it.
  var title: String { "\(version) \(name)" }

  /// Every step, oldest first.
  static let all = [catalog, runs, samples, audit, detachedPartitions]
}
