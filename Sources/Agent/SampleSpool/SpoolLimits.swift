/// How much the spool holds.
package struct SpoolLimits: Sendable, Hashable {
  /// Most samples that wait in memory to be written; an append above it is `overloaded`.
  package var unwrittenSampleCount = 65_536
  /// Most samples on the disk that nobody acknowledged; an append above it is `full`.
  package var storedSampleCount = 1_000_000

  /// The limits that an agent uses.
  package init() {}
}
