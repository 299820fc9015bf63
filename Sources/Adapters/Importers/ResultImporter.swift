package import BenchmarkDomain

/// What is told of a file beside its content.
package struct ImportSource: Sendable, Hashable {
  /// Name of the file, as it is to be remembered.
  package var name: String
  /// Version of the tool, when the file does not say; empty when nobody says.
  package var toolVersion: String

  /// Makes a source.
  package init(name: String, toolVersion: String = "") {
    self.name = name
    self.toolVersion = toolVersion
  }
}

/// Rows that an import left out for one reason.
package struct SkippedRows: Sendable, Hashable {
  /// Why, in a sentence.
  package let reason: String
  /// How many.
  package var count: Int
  /// Line of the first, counted from 1.
  package let firstLine: Int

  /// Makes an entry.
  package init(reason: String, count: Int, firstLine: Int) {
    self.reason = reason
    self.count = count
    self.firstLine = firstLine
  }
}

/// What came out of a file.
package struct ImportReport: Sendable {
  /// The format that was read.
  package var format: String
  /// Rows read, the header aside.
  package var rowCount: Int
  /// Rows that repeat another row of the file, figures and all.
  package var duplicateCount: Int
  /// Rows left out, by reason, in the order of their first line.
  package var skipped: [SkippedRows]
  /// What is to be stored.
  package var bundle: ImportBundle

  /// Makes a report.
  package init(
    format: String, rowCount: Int, duplicateCount: Int, skipped: [SkippedRows],
    bundle: ImportBundle
  ) {
    self.format = format
    self.rowCount = rowCount
    self.duplicateCount = duplicateCount
    self.skipped = skipped
    self.bundle = bundle
  }
}

/// Reads one tool's results from bytes as they come.
///
/// Figures keep the definition of the tool that made them unless our own code recomputes them from
/// stamps. After an error the importer is spent; nothing is stored before `finish()` returns.
package protocol ResultImporter: Sendable {
  /// Name of the format, e.g. "aiconfigurator".
  static var format: String { get }
  /// True when a file that begins so is in this format; `firstLine` has no line end.
  static func recognises(firstLine: String) -> Bool
  /// Columns that a file in this format must have.
  static var requiredColumns: [String] { get }
  /// Starts on a file.
  init(source: ImportSource)
  /// Takes the next bytes.
  mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ImportError)
  /// Says that the file has ended.
  mutating func finish() throws(ImportError) -> ImportReport
}
