/// Names an answer: what was asked, and of which data, in canonical bytes. Equal keys have equal
/// answers on every replica.
package struct AnswerKey: Sendable, Hashable {
  /// The bytes.
  package let bytes: [UInt8]

  /// Makes a key.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// What became of the wish to compute an answer.
package enum AnswerClaim: Sendable, Hashable {
  /// It is there: another replica has computed it.
  case answer([UInt8])
  /// The caller computes it, and others wait: `fulfil` or `release` with this token ends that.
  case granted(token: String)
  /// The caller computes it for itself: another replica took too long, or nobody can be asked.
  case alone
}

/// Encoded answers that all replicas share. It may lose any of them at any time.
///
/// Nothing fails: an answer that cannot be had in a bounded time, the reason whatever it is, is not
/// there, and one that cannot be kept is not kept. Callable from any thread.
package protocol SharedAnswerCache: Sendable {
  /// Returns an answer, or nil.
  func get(_ key: AnswerKey) async -> [UInt8]?
  /// Returns an answer, or grants to compute it; while another replica does so it waits, for a
  /// bounded time.
  func claim(_ key: AnswerKey) async -> AnswerClaim
  /// Keeps an answer for a while.
  func put(_ key: AnswerKey, _ answer: [UInt8]) async
  /// Keeps an answer and gives back what `claim` has granted.
  func fulfil(_ key: AnswerKey, _ answer: [UInt8], token: String) async
  /// Gives back what `claim` has granted, without an answer; a token that is no longer the newest
  /// changes nothing.
  func release(_ key: AnswerKey, token: String) async
}

/// An answer, and whether it was there already.
package struct SharedAnswer: Sendable, Hashable {
  /// The encoded answer.
  package var bytes: [UInt8]
  /// True when another replica, or this one before, had computed it.
  package var wasThere: Bool

  /// Makes an answer.
  package init(_ bytes: [UInt8], wasThere: Bool) {
    self.bytes = bytes
    self.wasThere = wasThere
  }
}

extension SharedAnswerCache {
  /// Returns an answer, computed here when no replica has it; what was computed is kept for all.
  ///
  /// - Throws: what `compute` throws, which is not kept.
  package func answer(
    _ key: AnswerKey, compute: @Sendable () throws -> [UInt8]
  ) async throws -> SharedAnswer {
    switch await claim(key) {
    case .answer(let there): return SharedAnswer(there, wasThere: true)
    case .alone: return SharedAnswer(try compute(), wasThere: false)
    case .granted(let token):
      do {
        let computed = try compute()
        await fulfil(key, computed, token: token)
        return SharedAnswer(computed, wasThere: false)
      } catch {
        await release(key, token: token)
        throw error
      }
    }
  }
}
