import BenchmarkDomain

/// The sessions that are open in this process, and which agents are connected to any server.
///
/// Servers know of each other's agents by the store alone: one that was heard of within a lease's
/// time is connected, unless its session ended here since.
actor SessionRegistry {
  private var sessions: [Int: AgentSession] = [:]
  /// When the last session of an agent ended here, for as long as that tells something.
  private var ended: [String: WallTime] = [:]
  private var nextID = 0

  /// Remembers a session until it is closed.
  func open(_ session: AgentSession) -> Int {
    nextID += 1
    sessions[nextID] = session
    return nextID
  }

  /// Forgets a session; `patience` is how long agents count that were heard of.
  func close(_ id: Int, at now: WallTime, patience: Duration) async {
    guard let agent = await sessions.removeValue(forKey: id)?.agent else { return }
    ended = ended.filter { $0.value.advanced(by: patience) > now }
    ended[agent.id] = now
  }

  /// Of these agents, those that are connected to this server or another one.
  func connected(
    among records: [AgentRecord], at now: WallTime, patience: Duration
  ) async -> [AgentRecord] {
    var here: Set<String> = []
    for session in sessions.values {
      if let agent = await session.agent { here.insert(agent.id) }
    }
    return records.filter { record in
      if here.contains(record.id) { return true }
      if let end = ended[record.id], end >= record.lastSeenAt { return false }
      return record.lastSeenAt.advanced(by: patience) > now
    }
  }
}
