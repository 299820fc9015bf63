import APIBindings
import ArgumentParser
import GRPC

/// `benchfront audit`: who changed what.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "List who changed what, the newest first.",
    subcommands: [List.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List who changed what, the newest first.",
      discussion: """
        Every call that changes something is there, refused ones too, and each session and batch \
        that an agent got. It takes an admin where the server knows its callers; where it does \
        not, all of them are anonymous.
        """)
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let records = try await server.connected { services in
        try await list.collect(usual: server.output == .table ? 100 : 0) { size, token in
          let page = try await services.catalog.listAuditRecords(
            ListAuditRecordsRequest(pageSize: size, pageToken: token))
          return (page.records, page.nextPageToken)
        }
      }
      guard server.output == .table else {
        return printDocument(.array(records.map(\.json)))
      }
      var table = Table("TIME", "CALLER", "ROLES", "METHOD", "OUTCOME", "ABOUT")
      for record in records {
        table.add([
          Format.time(record.recordedAt), record.caller.isEmpty ? "anonymous" : record.caller,
          record.roles.joined(separator: " "), record.methodName, record.outcome, record.subject,
        ])
      }
      printLines(table.isEmpty ? ["Nobody has changed anything."] : table.lines)
    }
  }
}

extension AuditRecord {
  /// The method without its service's package: "Catalog/RegisterPrice".
  fileprivate var methodName: String {
    method.split(separator: ".").last.map(String.init) ?? method
  }

  /// The status by its name.
  fileprivate var outcome: String {
    StatusCode(rawValue: Int(code))?.description ?? "\(code)"
  }

  /// As JSON.
  fileprivate var json: JSONValue {
    .object([
      ("id", .integer(id)), ("recorded_at", .optional(Format.time(recordedAt))),
      ("caller", .optional(caller)), ("roles", .array(roles.map { .string($0) })),
      ("method", .string(method)), ("subject", .optional(subject)), ("outcome", .string(outcome)),
    ])
  }
}
