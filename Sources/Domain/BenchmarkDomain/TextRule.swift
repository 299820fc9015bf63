/// What text from outside has to be before it is kept.
package enum TextRule {
  /// Most bytes of an id.
  package static let longestID = 200
  /// Most bytes of a name for people, a version, a place.
  package static let longestName = 1_000
  /// Most bytes of a sentence that another program wrote.
  package static let longestReport = 10_000

  /// Why a text is no id, going on from its name; nil for an id: 1 to 200 bytes on one line, with
  /// no space at either end.
  package static func faultOfID(_ text: String) -> String? {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
      return "must not be empty"
    }
    if let fault = faultOfName(text, limit: longestID) { return fault }
    if first.properties.isWhitespace || last.properties.isWhitespace {
      return "must not begin or end with a space"
    }
    return nil
  }

  /// Why a text is no name, going on from its own; nil for a name: one line of at most `limit`
  /// bytes without control characters, those of ISO 8859 among them.
  package static func faultOfName(_ text: String, limit: Int = longestName) -> String? {
    guard text.utf8.count <= limit else {
      return "must have at most \(limit) bytes, not \(text.utf8.count)"
    }
    var before: UInt8 = 0
    for byte in text.utf8 {
      if byte < 0x20 || byte == 0x7F || before == 0xC2 && (0x80...0x9F).contains(byte) {
        return "must not contain control characters"
      }
      before = byte
    }
    return nil
  }

  /// A text as a report takes it: at most 10,000 bytes of whole characters, and no NUL.
  package static func report(_ text: String) -> String {
    var report = ""
    var byteCount = 0
    for scalar in text.unicodeScalars {
      let kept = scalar == "\0" ? "?" : scalar
      byteCount += UTF8.width(kept)
      if byteCount > longestReport { break }
      report.unicodeScalars.append(kept)
    }
    return report
  }
}
