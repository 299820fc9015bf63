package import APIBindings
import APIMapping
import BenchmarkDomain
import GRPC
import Importers
import Storage

extension CatalogEndpoint {
  /// Most bytes of one message of an import.
  static let maximumPartBytes = 1 << 20

  package func importResults(
    _ requests: RequestStream<ImportResultsRequest>
  ) async throws -> ImportResultsResponse {
    let header = try await header(requests)
    requests.context.subject = "\(header.dryRun ? "rehearsal of " : "")\(header.source)"
    // Parsing keeps a thread busy for seconds, which no loop has to spare.
    return try await withTaskExecutorPreference(globalConcurrentExecutor) {
      do {
        let report = try await read(header, requests)
        return try await conclude(report, header)
      } catch let error as ImportError {
        throw RPCError(error)
      } catch let error as StorageError { throw RPCError(error) }
    }
  }

  private func header(
    _ requests: RequestStream<ImportResultsRequest>
  ) async throws -> ImportHeader {
    guard case .header(let header)? = try await requests.next()?.part else {
      throw RPCError.invalidArgument(field: "header", reason: "must be in the first message")
    }
    let value = header.value
    guard !value.source.isEmpty else {
      throw RPCError.invalidArgument(field: "header.source", reason: "must name the file")
    }
    for (field, text) in [("source", value.source), ("tool_version", value.toolVersion)] {
      if let fault = TextRule.faultOfName(text) {
        throw RPCError.invalidArgument(field: "header.\(field)", reason: fault)
      }
    }
    return value
  }

  private func read(
    _ header: ImportHeader, _ requests: RequestStream<ImportResultsRequest>
  ) async throws -> ImportReport {
    var running = try ResultImport(
      format: header.format,
      source: ImportSource(name: header.source, toolVersion: header.toolVersion))
    while let part = try await requests.next()?.part {
      guard case .data(let data) = part else {
        throw RPCError.invalidArgument(field: "header", reason: "must come once, and first")
      }
      guard data.count <= Self.maximumPartBytes else {
        throw RPCError.invalidArgument(
          field: "data", reason: "must be at most \(Self.maximumPartBytes) bytes a message")
      }
      try data.withBytes { bytes in
        try bytes.bytes.withUnsafeBytes { buffer in try running.consume(buffer) }
      }
    }
    return try running.finish()
  }

  private func conclude(
    _ report: ImportReport, _ header: ImportHeader
  ) async throws -> ImportResultsResponse {
    let outcome: ImportOutcome
    if header.dryRun {
      outcome = try await rehearse(report.bundle)
    } else {
      outcome = try await catalog.store(report.bundle)
      dataChanged(Self.moved(by: report.bundle, outcome))
    }
    return ImportResultsResponse(
      format: report.format, rowCount: Int64(report.rowCount),
      resultCount: Int64(outcome.storedCount),
      duplicateCount: Int64(report.duplicateCount + outcome.duplicateCount),
      newModelCount: Int64(outcome.newModelCount),
      newHardwareCount: Int64(outcome.newHardwareCount),
      skipped: report.skipped.map { skipped in
        APIBindings.SkippedRows(
          reason: skipped.reason, count: Int64(skipped.count), firstLine: Int64(skipped.firstLine))
      })
  }

  /// The models whose answers a bundle changes; nil for all of them: prices and profiles of
  /// hardware are read into the rows of every model.
  private static func moved(by bundle: ImportBundle, _ outcome: ImportOutcome) -> Set<String>? {
    guard bundle.prices.isEmpty, outcome.newHardwareCount == 0 else { return nil }
    return Set(bundle.models.map(\.id) + bundle.results.map(\.configuration.modelID))
  }

  /// What storing a bundle would change, by reading alone.
  private func rehearse(_ bundle: ImportBundle) async throws -> ImportOutcome {
    var outcome = ImportOutcome(
      storedCount: 0, duplicateCount: 0, newModelCount: 0, newHardwareCount: 0)
    for model in bundle.models where try await catalog.model(model.id) == nil {
      outcome.newModelCount += 1
    }
    for profile in bundle.hardware where try await catalog.hardware(profile.id) == nil {
      outcome.newHardwareCount += 1
    }
    for (id, results) in Dictionary(grouping: bundle.results, by: \.configuration.id) {
      let known = try await catalog.configuration(id)?.1 ?? []
      var duplicates = 0
      for item in results {
        guard let same = known.first(where: { $0.id == item.result.id }) else { continue }
        guard same.isSameMeasurement(as: item.result) else {
          throw StorageError(
            .alreadyExists,
            "The result \"\(same.id)\" (\(item.result.provenance.source)) is there with other "
              + "content.")
        }
        duplicates += 1
      }
      outcome.duplicateCount += duplicates
      outcome.storedCount += results.count - duplicates
    }
    return outcome
  }
}

extension RPCError {
  /// INVALID_ARGUMENT with the line at which the file is wrong.
  init(_ error: ImportError) {
    let field = error.code == .unknownFormat ? "header.format" : "data"
    self = .invalidArgument(field: field, reason: "is refused: \(error.description)")
  }
}
