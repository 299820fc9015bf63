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
  /// It is there meanwhile: another replica has computed it.
  case answer([UInt8])
  /// The caller computes it, and others wait: `release` with this token tells them that it is
  /// done, or will not be.
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
  /// Asks to compute an answer; while another replica does so it waits, for a bounded time.
  func claim(_ key: AnswerKey) async -> AnswerClaim
  /// Keeps an answer for a while.
  func put(_ key: AnswerKey, _ answer: [UInt8]) async
  /// Gives back what `claim` has granted; a token that is no longer the newest changes nothing.
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
    if let there = await get(key) { return SharedAnswer(there, wasThere: true) }
    let claim = await claim(key)
    if case .answer(let there) = claim { return SharedAnswer(there, wasThere: true) }
    let result = Result { try compute() }
    if case .success(let computed) = result { await put(key, computed) }
    if case .granted(let token) = claim { await release(key, token: token) }
    return SharedAnswer(try result.get(), wasThere: false)
  }
}
