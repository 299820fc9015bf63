import Importers
import Testing

/// Feeds a whole text in pieces of a size.
func read(
  _ text: String, format: String = "", name: String = "test.csv", pieces size: Int = 1 << 20
) throws -> ImportReport {
  try read(Array(text.utf8), format: format, name: name, pieces: size)
}

/// Feeds bytes in pieces of a size.
func read(
  _ bytes: [UInt8], format: String = "", name: String = "test.csv", pieces size: Int = 1 << 20
) throws -> ImportReport {
  var reading = try ResultImport(format: format, source: ImportSource(name: name))
  for start in stride(from: 0, to: bytes.count, by: size) {
    try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try reading.consume($0) }
  }
  return try reading.finish()
}

/// The refusal of a text.
func refusal(_ text: String, format: String = "") throws -> ImportError {
  try #require(throws: ImportError.self) { try read(text, format: format) }
}
