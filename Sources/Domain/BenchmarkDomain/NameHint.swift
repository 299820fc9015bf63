/// What to say beside a name that nobody knows.
package enum NameHint {
  /// Most names that a hint lists.
  package static let maximumNames = 20
  /// Longer names are not compared, only listed.
  private static let comparedBytes = 64

  /// "; registered are vllm, tgi and 3 more", or as `word` says: at most 20 names, those most like
  /// `name` first, in whatever case. Empty where nothing is registered.
  package static func text(
    for name: String, among registered: some Sequence<String>, called word: String = "registered"
  ) -> String {
    let names = Set(registered)
    guard !names.isEmpty else { return "" }
    let wanted = Array(name.lowercased().utf8)
    let ranked = names.map {
      (distance: distance(wanted, Array($0.lowercased().utf8)), name: $0)
    }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    let listed = ranked.prefix(maximumNames).map(\.name).joined(separator: ", ")
    let rest = names.count > maximumNames ? " and \(names.count - maximumNames) more" : ""
    return "; \(word) are \(listed)\(rest)"
  }

  /// Bytes to insert, drop or exchange that make one name the other (Levenshtein, 1965).
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count <= comparedBytes, b.count <= comparedBytes else { return .max }
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
