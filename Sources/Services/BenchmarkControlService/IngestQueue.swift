import Storage

/// Messages of samples that wait for their commit, by run; runs take turns.
struct IngestQueue {
  /// A message, and who waits for its outcome.
  struct Message {
    let commit: SampleCommit
    /// About how much memory it takes.
    let bytes: Int
    let continuation: CheckedContinuation<SampleCommitOutcome, any Error>
  }

  /// Messages that are committed together.
  struct Group {
    /// By run, in its order.
    fileprivate(set) var byRun: [[Message]] = []
    fileprivate var runIDs: [String] = []
    fileprivate var messageCount = 0
    fileprivate var bytes = 0
  }

  private struct Run {
    var messages: [Message] = []
    var bytes = 0
    /// Whether some of its messages are being committed: the others wait for them.
    var isCommitting = false
  }

  private let messageLimit: Int
  /// Most bytes of a group, but at least one message.
  var byteLimit: Int
  private var runs: [String: Run] = [:]
  /// Runs with messages of which none is being committed, the longest waiting first.
  private var ready: [String] = []
  /// Bytes of their messages.
  private(set) var readyBytes = 0

  /// A queue whose groups have so many messages and bytes at most, but at least one message.
  init(messageLimit: Int, byteLimit: Int) {
    self.messageLimit = max(1, messageLimit)
    self.byteLimit = byteLimit
  }

  mutating func append(_ message: Message, to runID: String) {
    let isNew = runs[runID, default: Run()].messages.isEmpty
    runs[runID, default: Run()].messages.append(message)
    runs[runID, default: Run()].bytes += message.bytes
    guard runs[runID]?.isCommitting == false else { return }
    if isNew { ready.append(runID) }
    readyBytes += message.bytes
  }

  /// Takes the next group, nil when nothing is ready; `leavingHalf` of the runs for another one.
  mutating func next(leavingHalf: Bool) -> Group? {
    var group = Group()
    let most = leavingHalf ? (ready.count + 1) / 2 : ready.count
    while group.runIDs.count < most, let runID = ready.first, take(from: runID, into: &group) {
      ready.removeFirst()
    }
    return group.byRun.isEmpty ? nil : group
  }

  /// Takes a run's messages, as many as fit; false when none does.
  private mutating func take(from runID: String, into group: inout Group) -> Bool {
    guard var run = runs.removeValue(forKey: runID) else { return false }
    let before = run.bytes
    var count = 0
    for message in run.messages {
      guard group.messageCount < messageLimit,
        group.messageCount == 0 || group.bytes + message.bytes <= byteLimit
      else { break }
      group.messageCount += 1
      group.bytes += message.bytes
      run.bytes -= message.bytes
      count += 1
    }
    if count > 0 { group.byRun.append(Array(run.messages.prefix(count))) }
    run.messages.removeFirst(count)
    run.isCommitting = count > 0
    runs[runID] = run
    guard count > 0 else { return false }
    readyBytes -= before
    group.runIDs.append(runID)
    return true
  }

  /// The group is committed: what has come of its runs meanwhile is ready.
  mutating func end(_ group: Group) {
    for runID in group.runIDs {
      runs[runID]?.isCommitting = false
      guard let run = runs[runID], !run.messages.isEmpty else {
        runs[runID] = nil
        continue
      }
      ready.append(runID)
      readyBytes += run.bytes
    }
  }
}
