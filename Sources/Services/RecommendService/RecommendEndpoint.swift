package import APIBindings
import APIMapping
import BenchmarkDomain
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

    var isFront: Bool {
      if case .front = self { true } else { false }
    }

    var query: RankingQuery {
      switch self {
      case .ranking(let query), .front(let query): query
      }
    }
  }

  private let catalog: any CatalogStore
  private let source: SnapshotSource
  private let cache: AnswerCache<Question>
  private let metrics: RankingMetrics?

  /// Makes the service on a store; nothing is read before the first question.
  package init(catalog: any CatalogStore, metrics: RankingMetrics? = nil) {
    self.catalog = catalog
    self.metrics = metrics
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
    let names = NameCheck(filter: question.query.filter, catalog: catalog)
    let begin = ContinuousClock.now
    let answered: @Sendable (RankingMetrics.Source) -> Void = { [metrics] source in
      metrics?.answered(isFront: question.isFront, from: source, since: begin)
    }
    if let snapshot = source.current, names.isPassed(by: snapshot) {
      switch cache.answer(question, version: snapshot.version, compute: { try compute(snapshot) }) {
      case .answer(let bytes):
        answered(.hit)
        return .encoded(bytes)
      case .computing(let task):
        return .laterEncoded {
          let bytes = try await task.value
          answered(.miss)
          return bytes
        }
      }
    }
    return .laterEncoded {
      do {
        let snapshot = try await source.fresh()
        try await names.check(snapshot)
        switch cache.answer(question, version: snapshot.version, compute: { try compute(snapshot) })
        {
        case .answer(let bytes):
          answered(.hit)
          return bytes
        case .computing(let task):
          let bytes = try await task.value
          answered(.miss)
          return bytes
        }
      } catch let error as StorageError { throw RPCError(error) }
    }
  }
}
