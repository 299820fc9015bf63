package import Reactor
package import RedisClient
package import Storage

/// Wakes watchers of other replicas through a channel of Redis.
///
/// Of several signals of one run that wait to be sent only the newest is. What cannot be sent is
/// dropped: the store has the truth.
package actor RedisRunSignals: RunSignals {
  /// The channel of all runs.
  static let channel = "benchfront:runs:v1"
  /// Most runs with signals that wait; those of others are dropped.
  static let maxWaiting = 4_096
  /// Most signals of one message.
  static let maxPerMessage = 256

  /// The loop that the connections live on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  private nonisolated let configuration: RedisConfiguration
  private let caller: RedisCaller
  private var subscriber: RedisSubscriber?
  private var waiting: [String: Int64] = [:]
  private var isSending = false
  /// Signals that were not sent, for metrics.
  package private(set) var droppedCount = 0

  /// Neither hears nor tells before `start`.
  package init(_ configuration: RedisConfiguration, loop: EventLoop) {
    self.configuration = configuration
    self.loop = loop
    caller = RedisCaller(configuration, loop: loop)
  }

  package func start(_ handler: @escaping @Sendable (RunSignalEvent) -> Void) async {
    guard subscriber == nil else { return }
    let subscriber = RedisSubscriber([Self.channel], configuration, loop: loop) { event in
      switch event {
      case .began: handler(.resumed)
      case .said(_, let payload):
        for signal in SignalMessage.decode(payload) { handler(.signal(signal)) }
      case .lost: handler(.interrupted)
      }
    }
    self.subscriber = subscriber
    await caller.start()
    await subscriber.start()
  }

  package func stop() async {
    await subscriber?.stop()
    await caller.stop()
  }

  package nonisolated func publish(_ signal: RunSignal) {
    loop.execute { self.assumeIsolated { $0.add(signal) } }
  }

  private func add(_ signal: RunSignal) {
    guard waiting[signal.runID] != nil || waiting.count < Self.maxWaiting,
      SignalMessage.canCarry(signal)
    else {
      droppedCount += 1
      return
    }
    waiting[signal.runID] = max(waiting[signal.runID] ?? .min, signal.commitNumber)
    guard !isSending else { return }
    isSending = true
    Task(executorPreference: loop) { await self.send() }
  }

  private func send() async {
    while !waiting.isEmpty {
      let batch = waiting.prefix(Self.maxPerMessage).map {
        RunSignal(runID: $0.key, commitNumber: $0.value)
      }
      for signal in batch { waiting[signal.runID] = nil }
      do {
        _ = try await caller.run(
          RedisCommand("PUBLISH", Self.channel, SignalMessage.encode(batch)))
      } catch { droppedCount += batch.count }
    }
    isSending = false
  }
}

/// How signals travel: a line for each, the commit number and the run's id.
enum SignalMessage {
  static let maxIDBytes = 256

  static func canCarry(_ signal: RunSignal) -> Bool {
    let id = signal.runID.utf8
    return !id.isEmpty && id.count <= maxIDBytes && !id.contains(UInt8(ascii: "\n"))
  }

  static func encode(_ signals: [RunSignal]) -> [UInt8] {
    Array(signals.map { "\($0.commitNumber) \($0.runID)" }.joined(separator: "\n").utf8)
  }

  /// The signals; lines of another form are left out.
  static func decode(_ bytes: [UInt8]) -> [RunSignal] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let text = String(validating: line, as: UTF8.self),
        let space = text.firstIndex(of: " "), let number = Int64(text[..<space])
      else { return nil }
      let signal = RunSignal(
        runID: String(text[text.index(after: space)...]), commitNumber: number)
      return canCarry(signal) ? signal : nil
    }
  }
}
