/// What another server, or this one, has changed in the database.
package enum StoreChange: Sendable, Hashable {
  /// The version of the data moved to this, at least.
  case catalog(version: Int64)
  /// A run has come to this commit number, at least.
  case run(id: String, commitNumber: Int64)
  /// Changes may have been missed: whoever follows something reads it anew. The first of all, too.
  case missed

  static let catalogChannel = "benchfront_catalog"
  static let runChannel = "benchfront_run"

  /// What is said of a run.
  static func payload(_ runID: String, _ number: Int64) -> String { "\(number) \(runID)" }

  /// Reads what was said; nil for what nobody of ours says.
  init?(channel: String, payload: String) {
    switch channel {
    case Self.catalogChannel:
      guard let version = Int64(payload) else { return nil }
      self = .catalog(version: version)
    case Self.runChannel:
      guard let space = payload.firstIndex(of: " "), let number = Int64(payload[..<space]) else {
        return nil
      }
      self = .run(id: String(payload[payload.index(after: space)...]), commitNumber: number)
    default: return nil
    }
  }
}
