package import APIBindings
package import BenchmarkDomain

extension WatchRunResponse {
  package init(_ commit: RunCommit) {
    self.init(
      commitNumber: commit.number, committedAt: Timestamp(commit.committedAt),
      event: Event(commit.event))
  }
}

extension WatchRunResponse.Event {
  fileprivate init(_ event: RunCommit.Event) {
    self =
      switch event {
      case .samples(let execution, let configuration, let samples):
        .samples(
          WatchedSamples(
            executionId: execution, configurationId: configuration.description,
            samples: samples.map { RequestSample($0) }))
      case .execution(let id, let configuration, let state, let failure, let agent):
        .execution(
          ExecutionChange(
            executionId: id, configuration: Configuration(configuration), state: state.wire,
            failure: failure, agentId: agent))
      case .run(let run): .run(Run(run))
      }
  }
}

extension RunCommit: MessageReadable {
  package init(reading message: WatchRunResponse) throws(InvalidField) {
    self.init(
      number: try count(message.commitNumber, "commit_number"),
      committedAt: try required(message.committedAt, "committed_at"),
      event: try Self.event(message))
  }

  private static func event(_ message: WatchRunResponse) throws(InvalidField) -> Event {
    switch message.event {
    case .samples(let watched):
      guard let configuration = ConfigurationID(watched.configurationId) else {
        throw InvalidField("samples.configuration_id", "must be a configuration's id")
      }
      return .samples(
        executionID: try id(watched.executionId, "samples.execution_id"),
        configurationID: configuration,
        try list(watched.samples, "samples.samples", limit: 100_000))
    case .execution(let change):
      return .execution(
        id: try id(change.executionId, "execution.execution_id"),
        configuration: try required(change.configuration, "execution.configuration"),
        state: try value(change.state, "execution.state"), failure: change.failure,
        agentID: change.agentId)
    case .run(let run): return .run(try required(run, "run"))
    case nil: throw InvalidField("event", "must be given")
    }
  }
}
