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
  private let catalog: any CatalogStore
  private let source: SnapshotSource
  private let cache: AnswerCache<RankingQuestion>
  private let shared: (any SharedAnswerCache)?
  private let metrics: RankingMetrics?

  /// Makes the service on a store; nothing is read before the first question. `shared` holds the
  /// answers of all replicas, if there are several.
  package init(
    catalog: any CatalogStore, metrics: RankingMetrics? = nil,
    shared: (any SharedAnswerCache)? = nil
  ) {
    self.catalog = catalog
    self.metrics = metrics
    self.shared = shared
    source = SnapshotSource(store: catalog)
    cache = AnswerCache()
  }

  /// Makes the next question about these models wait for what this process has just stored of
  /// them; nil is everything.
  package func invalidate(_ modelIDs: Set<String>?) { source.invalidate(modelIDs) }

  /// This process writes a result of a model.
  package func beginWrite(of modelID: String) { source.beginWrite(of: modelID) }

  /// It has written it, or failed to.
  package func endWrite(of modelID: String) { source.endWrite(of: modelID) }

  /// Makes the next question have new data looked for: another process has stored some.
  package func noteChange() { source.noteChange() }

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
    _ question: RankingQuestion,
    _ compute: @escaping @Sendable (RankingSnapshot) throws -> [UInt8]
  ) throws -> Reply<Message> {
    let names = NameCheck(filter: question.query.filter, catalog: catalog)
    let models = question.query.filter.modelIDs
    let begin = ContinuousClock.now
    let answered: @Sendable (RankingMetrics.Source) -> Void = { [metrics] source in
      metrics?.answered(isFront: question.isFront, from: source, since: begin)
    }
    if let snapshot = source.current(for: models), names.isPassed(by: snapshot) {
      switch find(question, in: snapshot, compute) {
      case .answer(let bytes):
        answered(.hit)
        return .encoded(bytes)
      case .computing(let task):
        return .laterEncoded {
          let computed = try await task.value
          answered(computed.isShared ? .shared : .miss)
          return computed.bytes
        }
      }
    }
    return .laterEncoded {
      do {
        let snapshot = try await source.fresh(for: models)
        try await names.check(snapshot)
        switch find(question, in: snapshot, compute) {
        case .answer(let bytes):
          answered(.hit)
          return bytes
        case .computing(let task):
          let computed = try await task.value
          answered(computed.isShared ? .shared : .miss)
          return computed.bytes
        }
      } catch let error as StorageError { throw RPCError(error) }
    }
  }

  /// This process's answer, else another replica's, else a computed one.
  private func find(
    _ question: RankingQuestion, in snapshot: RankingSnapshot,
    _ compute: @escaping @Sendable (RankingSnapshot) throws -> [UInt8]
  ) -> AnswerCache<RankingQuestion>.Found {
    let epoch = snapshot.epoch(of: question.query)
    return cache.answer(question, of: .init(version: snapshot.version, epoch: epoch)) {
      [shared] in
      guard let shared else { return .init(try compute(snapshot)) }
      let answer = try await shared.answer(question.key(epoch)) { try compute(snapshot) }
      return .init(answer.bytes, isShared: answer.wasThere)
    }
  }
}
