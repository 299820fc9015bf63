/// Changes that were told and not read yet, oldest first. Bounded: once more than a limit wait they
/// are forgotten, and `missed` stands for all of them.
struct ChangeBacklog: Sendable {
  private let limit: Int
  private var changes: [StoreChange] = []

  /// A backlog that keeps up to `limit` changes, one at least.
  init(limit: Int) {
    precondition(limit > 0, "a backlog keeps something")
    self.limit = limit
  }

  /// Keeps a change behind the others. `missed` covers what was told before it: its reader reads
  /// everything anew.
  mutating func append(_ change: StoreChange) {
    if change == .missed || changes.count >= limit {
      changes = [.missed]
    } else {
      changes.append(change)
    }
  }

  /// Takes the oldest; nil when none waits.
  mutating func next() -> StoreChange? { changes.isEmpty ? nil : changes.removeFirst() }
}
