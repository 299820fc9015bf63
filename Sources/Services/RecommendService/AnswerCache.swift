import Synchronization

/// Encoded answers by question, each with the epoch of the data that it was answered from.
///
/// An answer holds as long as its epoch, so that new data about one model costs no answer about
/// others. Bounded by entries and bytes; what was not asked for the longest goes first. One short
/// lock guards a dictionary look-up; every loop shares the answers. Concurrent misses of one
/// question compute once: the others wait for the first one's task.
package final class AnswerCache<Question: Hashable & Sendable>: Sendable {
  /// Which data an answer is wanted of.
  package struct Data: Sendable, Hashable {
    /// The snapshot's version, by which the newer of two epochs is told.
    package var version: Int64
    /// The epoch of what the answer rests on.
    package var epoch: DataEpoch

    /// Names data.
    package init(version: Int64, epoch: DataEpoch) {
      self.version = version
      self.epoch = epoch
    }
  }

  /// An answer that had to be waited for.
  package struct Computed: Sendable, Hashable {
    /// The encoded answer.
    package var bytes: [UInt8]
    /// True when another replica had it.
    package var isShared: Bool

    /// Makes one.
    package init(_ bytes: [UInt8], isShared: Bool = false) {
      self.bytes = bytes
      self.isShared = isShared
    }
  }

  /// What a look-up found.
  package enum Found: Sendable {
    /// The encoded answer.
    case answer([UInt8])
    /// It is being computed, by an earlier caller or for this one.
    case computing(Task<Computed, any Error>)
  }

  private struct Entry {
    var found: Found
    var data: Data
    var lastUse: UInt64
    /// Tells two entries of one question apart.
    let serial: UInt64

    var byteCount: Int {
      if case .answer(let bytes) = found { bytes.count } else { 0 }
    }
  }

  private struct State {
    var entries: [Question: Entry] = [:]
    var byteCount = 0
    var clock: UInt64 = 0

    mutating func remove(_ question: Question) {
      guard let entry = entries.removeValue(forKey: question) else { return }
      byteCount -= entry.byteCount
    }

    /// Drops the oldest quarter at once, so that the scan is paid once in many misses.
    mutating func evict(_ maximumEntries: Int, _ maximumBytes: Int) {
      guard entries.count > maximumEntries || byteCount > maximumBytes else { return }
      var removable = entries.compactMap { question, entry -> (Question, UInt64)? in
        guard case .answer = entry.found else { return nil }
        return (question, entry.lastUse)
      }
      removable.sort { $0.1 < $1.1 }
      for (question, _) in removable {
        guard entries.count > maximumEntries * 3 / 4 || byteCount > maximumBytes / 4 * 3 else {
          return
        }
        remove(question)
      }
    }
  }

  private let state = Mutex(State())
  private let maximumEntries: Int
  private let maximumBytes: Int

  /// Makes an empty cache.
  package init(maximumEntries: Int = 8_192, maximumBytes: Int = 64 << 20) {
    self.maximumEntries = maximumEntries
    self.maximumBytes = maximumBytes
  }

  /// Returns the answer of a question, or starts to compute it off the caller's loop.
  ///
  /// An answer of another epoch is replaced, unless it is of newer data (the caller's snapshot was
  /// replaced meanwhile): then what is computed is not kept.
  package func answer(
    _ question: Question, of data: Data, compute: @escaping @Sendable () async throws -> Computed
  ) -> Found {
    state.withLock { state in
      state.clock += 1
      if var entry = state.entries[question] {
        if entry.data.epoch == data.epoch {
          entry.lastUse = state.clock
          entry.data.version = max(entry.data.version, data.version)
          state.entries[question] = entry
          return entry.found
        }
        if entry.data.version > data.version { return .computing(Task { try await compute() }) }
        state.remove(question)
      }
      let serial = state.clock
      let task = Task { [self] in
        do {
          let computed = try await compute()
          store(question, serial, computed.bytes)
          return computed
        } catch {
          store(question, serial, nil)
          throw error
        }
      }
      state.entries[question] = Entry(
        found: .computing(task), data: data, lastUse: state.clock, serial: serial)
      return .computing(task)
    }
  }

  /// Answers that are kept or being computed.
  package var count: Int { state.withLock(\.entries.count) }

  private func store(_ question: Question, _ serial: UInt64, _ bytes: [UInt8]?) {
    state.withLock { state in
      guard state.entries[question]?.serial == serial else { return }
      guard let bytes, bytes.count <= maximumBytes / 8 else { return state.remove(question) }
      state.byteCount += bytes.count
      state.entries[question]?.found = .answer(bytes)
      state.evict(maximumEntries, maximumBytes)
    }
  }
}
