package import APIBindings
import APIMapping
package import GRPC
package import Storage

/// The Recommend service: a snapshot that follows the data, and a cache of encoded answers.
///
/// A known question is answered synchronously on the connection's loop; any other is computed off
/// it, once for all who ask meanwhile.
package struct RecommendEndpoint: RecommendProvider {
  /// What tells two answers apart.
  private enum Question: Hashable, Sendable {
    case ranking(RankingQuery)
    case front(RankingQuery)
  }

  private let source: SnapshotSource
  private let cache: AnswerCache<Question>

  /// Makes the service on a store; nothing is read before the first question.
  package init(catalog: any CatalogStore) {
    source = SnapshotSource(store: catalog)
    cache = AnswerCache()
  }

  /// Makes the next question look for new data: this process has just stored some.
  package func invalidate() { source.invalidate() }

  package func recommendConfigurations(
    _ request: RecommendConfigurationsRequest.View, _ context: ServerContext
  ) throws -> Reply<RecommendConfigurationsResponse> {
    let query = try RankingQuery(request)
    return try reply(.ranking(query)) { snapshot in
      RecommendConfigurationsResponse(try snapshot.rank(query)).encoded()
    }
  }

  package func getParetoFront(
    _ request: GetParetoFrontRequest.View, _ context: ServerContext
  ) throws -> Reply<GetParetoFrontResponse> {
    let query = try RankingQuery(request)
    return try reply(.front(query)) { snapshot in
      GetParetoFrontResponse(try snapshot.front(query)).encoded()
    }
  }

  private func reply<Message>(
    _ question: Question, _ compute: @escaping @Sendable (RankingSnapshot) throws -> [UInt8]
  ) throws -> Reply<Message> {
    if let snapshot = source.current {
      let found = cache.answer(question, version: snapshot.version) { try compute(snapshot) }
      switch found {
      case .answer(let bytes): return .encoded(bytes)
      case .computing(let task):
        return .laterEncoded { try await Self.translating { try await task.value } }
      }
    }
    return .laterEncoded {
      try await Self.translating {
        let snapshot = try await source.fresh()
        let found = cache.answer(question, version: snapshot.version) { try compute(snapshot) }
        switch found {
        case .answer(let bytes): return bytes
        case .computing(let task): return try await task.value
        }
      }
    }
  }

  private static func translating(
    _ work: () async throws -> [UInt8]
  ) async throws -> [UInt8] {
    do { return try await work() } catch let unknown as UnknownName {
      throw RPCError(.notFound, "there is no \(unknown.kind) '\(unknown.id)'")
    } catch let error as StorageError { throw RPCError(error) }
  }
}
