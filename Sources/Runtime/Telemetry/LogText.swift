/// Text from outside, as a field of a log's line.
package enum LogText {
  /// Between quotation marks, on one line, with what a terminal would act on spelled out, so that
  /// nothing in it passes for a line or a field of its own; cut behind `limit` bytes.
  package static func quoted(_ text: String, limit: Int = 300) -> String {
    var quoted = "\""
    var byteCount = 0
    for scalar in text.unicodeScalars {
      byteCount += UTF8.width(scalar)
      guard byteCount <= limit else {
        quoted += "..."
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        quoted += "\\u{" + String(scalar.value, radix: 16) + "}"
      default:
        if scalar == "\"" || scalar == "\\" { quoted += "\\" }
        quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
