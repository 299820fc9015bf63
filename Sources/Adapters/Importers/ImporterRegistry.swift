/// The formats that can be read. A new tool is one entry in `standard`.
package struct ImporterRegistry: Sendable {
  private let importers: [any ResultImporter.Type]

  /// Every format of the product.
  package static let standard = ImporterRegistry([
    AIConfiguratorImporter.self, IBMPilotImporter.self,
  ])

  /// Makes a registry; of two that recognise the same content the first wins.
  package init(_ importers: [any ResultImporter.Type]) {
    self.importers = importers
  }

  /// Names of the formats.
  package var formats: [String] { importers.map { $0.format } }

  /// Starts the importer of a named format; throws `unknownFormat`.
  package func importer(
    format: String, source: ImportSource
  ) throws(ImportError) -> any ResultImporter {
    guard let found = importers.first(where: { $0.format == format }) else {
      throw ImportError(
        .unknownFormat,
        "unknown format \"\(format.prefix(100))\"; known are \(formats.joined(separator: ", "))")
    }
    return found.init(source: source)
  }

  /// Starts the importer that recognises a first line; throws `missingColumns` where the line has
  /// most columns of a format, and else `unknownFormat`.
  package func importer(
    firstLine: String, source: ImportSource
  ) throws(ImportError) -> any ResultImporter {
    guard let found = importers.first(where: { $0.recognises(firstLine: firstLine) }) else {
      if let error = missingColumns(firstLine) { throw error }
      throw ImportError(
        .unknownFormat, line: 1,
        "the content is of no format that is known here (\(formats.joined(separator: ", ")))")
    }
    return found.init(source: source)
  }

  private func missingColumns(_ firstLine: String) -> ImportError? {
    let columns = Set(firstLine.split(separator: ",").map(String.init))
    for importer in importers {
      let missing = importer.requiredColumns.filter { !columns.contains($0) }
      guard missing.count * 2 < importer.requiredColumns.count else { continue }
      return ImportError(
        .missingColumns, line: 1,
        "not quite the \(importer.format) format: columns are missing: "
          + missing.joined(separator: ", "))
    }
    return nil
  }
}
