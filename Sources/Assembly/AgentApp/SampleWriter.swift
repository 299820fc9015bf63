import BenchmarkDomain
import SampleSpool

/// Gathers samples into messages of up to 256, at most 100 ms old, and hands on one at a time.
/// Messages of samples with very many gaps are shorter: the server takes one whole from a stream's
/// window.
actor SampleWriter {
  /// Gaps that make a message full.
  static let gapBytes = 32_768
  private let keep: @Sendable ([RequestSample]) async -> Void
  private var buffer: [RequestSample] = []
  private var bufferedGapBytes = 0
  private var timer: Task<Void, Never>?
  private var keeping: Task<Void, Never>?

  /// A writer that hands its messages to `keep`.
  init(keep: @escaping @Sendable ([RequestSample]) async -> Void) { self.keep = keep }

  func add(_ sample: RequestSample) async {
    buffer.append(sample)
    bufferedGapBytes += sample.gaps.count
    if buffer.count >= SpooledBatch.sampleLimit || bufferedGapBytes >= Self.gapBytes {
      return await flush()
    }
    guard timer == nil else { return }
    timer = Task {
      // A cancelled timer means that the buffer was flushed already.
      do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
      await self.flush()
    }
  }

  /// Flushes what is left; when it returns, every sample has been kept.
  func finish() async { await flush() }

  private func flush() async {
    timer?.cancel()
    timer = nil
    let samples = buffer
    (buffer, bufferedGapBytes) = ([], 0)
    let task = Task { [keep, earlier = keeping] in
      await earlier?.value
      if !samples.isEmpty { await keep(samples) }
    }
    keeping = task
    await task.value
  }
}
