import APIBindings
import APIMapping
import BenchmarkDomain
package import GRPC
import SampleSpool

/// Keeps a session open: connects, hands messages both ways, and comes back after every cut.
package struct SessionLink: Sendable {
  let channel: ClientChannel
  let controller: AgentController
  let silence: SilenceLimit
  let log: @Sendable (String) -> Void

  /// Makes a link on a channel; `silence` says when a server counts as lost that says nothing.
  package init(
    channel: ClientChannel, controller: AgentController, silence: SilenceLimit = SilenceLimit(),
    log: @escaping @Sendable (String) -> Void
  ) {
    self.channel = channel
    self.controller = controller
    self.silence = silence
    self.log = log
  }

  /// Runs sessions one after the other until the task is cancelled. Throws what no reconnecting
  /// mends: a server that refuses the agent for good.
  package func run() async throws {
    var pause = ReconnectPause()
    var complaints = RepeatedWords()
    var hasComplained = false
    while !Task.isCancelled {
      let words: String
      var isSound = true
      do {
        try await session(tellingWelcome: hasComplained)
        words = "the server ended the session"
      } catch let error as RPCError {
        guard error.isPassing else { throw error }
        // What the server cannot store it will not store at once.
        isSound = error.code != .internalError && error.code != .dataLoss
        words = "no session: \(error.message)"
      } catch let error as InvalidField {
        isSound = false
        words =
          "ended the session, in which the server said what this agent cannot accept: "
          + "\(error.path) \(error.reason)"
      } catch let error as SpoolError where error.code == .full || error.code == .unavailable {
        isSound = false
        words = "the spool does not take part: \(error.message)"
      }
      try Task.checkCancellation()
      let wasWelcomed = await controller.disconnected()
      guard await !controller.isStopping else {
        log(words)
        return try await waitForTheEnd()
      }
      if wasWelcomed && isSound { complaints = RepeatedWords() }
      // Told once, it is over with the next session, however many attempts that takes.
      if wasWelcomed { hasComplained = false }
      if let words = complaints.next(words) {
        log("\(words.last == "." ? String(words.dropLast()) : words); connecting again")
        hasComplained = true
      }
      try await Task.sleep(for: pause.next(afterSoundSession: wasWelcomed && isSound))
    }
  }

  /// An agent that stops opens no further session: what it has not handed in stays in the spool.
  private func waitForTheEnd() async throws {
    while true { try await Task.sleep(for: .seconds(3_600)) }
  }

  /// Runs one session; says that it has one if what was said last was that there is none.
  private func session(tellingWelcome: Bool) async throws {
    let call = try await BenchmarkControlClient(channel).agentSession()
    let watch = SilenceWatch()
    let (outbox, outgoing) = AsyncStream.makeStream(of: AgentMessage.self)
    // What each task returns is whether the session is over with it.
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          for await message in outbox { try await call.send(AgentSessionRequest(message)) }
          return true
        } catch is RPCError {
          // The call is over: the reader hears how it ended.
          return false
        }
      }
      group.addTask {
        while let response = try await watch.listening({ try await call.next() }) {
          // Not by `init(_:at:)`, whose error is the one with which a server refuses an agent.
          let message = try ServerMessage(reading: response)
          if tellingWelcome, case .welcome = message { log("in a session again") }
          try await controller.receive(message)
        }
        return true
      }
      group.addTask {
        while true {
          try await Task.sleep(for: await controller.heartbeatInterval)
          await controller.heartbeat()
        }
      }
      group.addTask {
        let length = try await watch.exceeded { silence.limit(await controller.terms) }
        let silent = RPCError(
          .unavailable, "the server has said nothing for \(length.inSeconds) seconds")
        call.abandonConnection(silent)
        throw silent
      }
      try await controller.connected { outgoing.yield($0) }
      defer {
        group.cancelAll()
        call.cancel()
      }
      while try await group.next() == false {}
    }
  }
}

extension Duration {
  /// Seconds with a tenth: "3.3".
  fileprivate var inSeconds: String {
    let tenths = Int((self / .milliseconds(100)).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

/// How long an agent waits before its next session: longer each time, until one goes well.
struct ReconnectPause {
  private var length = Duration.milliseconds(250)

  /// The next pause; jitter keeps a fleet of agents from coming back all at once.
  mutating func next(afterSoundSession isSound: Bool) -> Duration {
    if isSound { length = .milliseconds(250) }
    defer { length = min(length * 2, .seconds(5)) }
    return length * Double.random(in: 0.8...1.2)
  }
}

/// Keeps what is said again and again from filling a log: the same words are passed on the 1st,
/// 2nd, 4th, 8th time and so on, with how often they came.
struct RepeatedWords {
  private var last = ""
  private var count = 0

  /// The words to log now; nil when it is not their turn.
  mutating func next(_ words: String) -> String? {
    count = words == last ? count + 1 : 1
    last = words
    guard count & (count - 1) == 0 else { return nil }
    return count > 2 ? "\(words) (\(count) times)" : words
  }
}

extension RPCError {
  /// True when the same session may be opened later.
  fileprivate var isPassing: Bool {
    switch code {
    case .unauthenticated, .permissionDenied, .unimplemented, .invalidArgument,
      .failedPrecondition:
      false
    default: true
    }
  }
}
