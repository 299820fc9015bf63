import Synchronization

/// Encoded answers by question, as of one version of the data.
///
/// Bounded by entries and bytes; what was not asked for the longest goes first. One short lock
/// guards a dictionary look-up; every loop shares the answers. Concurrent misses of one question
/// compute once: the others wait for the first one's task.
package final class AnswerCache<Question: Hashable & Sendable>: Sendable {
  /// What a look-up found.
  package enum Found: Sendable {
    /// The encoded answer.
    case answer([UInt8])
    /// It is being computed, by an earlier caller or for this one.
    case computing(Task<[UInt8], any Error>)
  }

  private struct Entry {
    var found: Found
    var lastUse: UInt64
  }

  private struct State {
    var version: Int64 = .min
    var entries: [Question: Entry] = [:]
    var byteCount = 0
    var clock: UInt64 = 0

    mutating func reset(to version: Int64) {
      self.version = version
      entries = [:]
      byteCount = 0
    }

    /// Drops the oldest quarter at once, so that the scan is paid once in many misses.
    mutating func evict(_ maximumEntries: Int, _ maximumBytes: Int) {
      guard entries.count > maximumEntries || byteCount > maximumBytes else { return }
      var removable = entries.compactMap { question, entry -> (Question, UInt64, Int)? in
        guard case .answer(let bytes) = entry.found else { return nil }
        return (question, entry.lastUse, bytes.count)
      }
      removable.sort { $0.1 < $1.1 }
      for (question, _, size) in removable {
        guard entries.count > maximumEntries * 3 / 4 || byteCount > maximumBytes / 4 * 3 else {
          return
        }
        entries[question] = nil
        byteCount -= size
      }
    }
  }

  private let state = Mutex(State())
  private let maximumEntries: Int
  private let maximumBytes: Int

  /// Makes an empty cache.
  package init(maximumEntries: Int = 4_096, maximumBytes: Int = 64 << 20) {
    self.maximumEntries = maximumEntries
    self.maximumBytes = maximumBytes
  }

  /// Returns the answer of a question, or starts to compute it off the caller's loop.
  ///
  /// A newer version forgets every answer of an older one; an older version (its snapshot was
  /// replaced meanwhile) computes without being kept.
  package func answer(
    _ question: Question, version: Int64, compute: @escaping @Sendable () throws -> [UInt8]
  ) -> Found {
    state.withLock { state in
      if version > state.version { state.reset(to: version) }
      guard version == state.version else { return .computing(Task { try compute() }) }
      state.clock += 1
      if let found = state.entries[question]?.found {
        state.entries[question]?.lastUse = state.clock
        return found
      }
      let task = Task { [self] in
        let result = Result { try compute() }
        store(question, version, result)
        return try result.get()
      }
      state.entries[question] = Entry(found: .computing(task), lastUse: state.clock)
      return .computing(task)
    }
  }

  /// Answers that are kept or being computed.
  package var count: Int { state.withLock(\.entries.count) }

  private func store(_ question: Question, _ version: Int64, _ result: Result<[UInt8], any Error>) {
    state.withLock { state in
      guard state.version == version else { return }
      guard case .success(let bytes) = result, bytes.count <= maximumBytes / 8 else {
        state.entries[question] = nil
        return
      }
      state.byteCount += bytes.count
      state.entries[question]?.found = .answer(bytes)
      state.evict(maximumEntries, maximumBytes)
    }
  }
}
