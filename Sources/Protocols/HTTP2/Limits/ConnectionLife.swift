import Reactor

/// What time asks of a connection: keepalive, idleness, age, and peers that are too slow.
///
/// It is pure: `deadline` says when to ask for the next `duties`.
struct ConnectionLife {
  /// What has to be done now.
  enum Duty: Equatable {
    case ping
    /// Let each stream look whether it is stuck.
    case ageStreams
    /// Say goodbye and let the streams end.
    case drain(Goodbye)
    case abort(Goodbye)
  }

  /// What the connection looks like at some time; counters only grow.
  struct Signs {
    var openStreams = 0
    var openedStreams = 0
    var receivedReads = 0
    var sentBytes = 0
    /// Bytes that wait for the socket.
    var waitingBytes = 0
  }

  private enum Never {
    static let time = MonotonicTime(nanoseconds: .max)
  }

  private let configuration: HTTP2Configuration
  private let isServer: Bool
  private var greetingEnds: MonotonicTime
  private var nextProbe = Never.time
  private var answerEnds = Never.time
  private var nextLook = Never.time
  private var nextAging = Never.time
  private var ageEnds = Never.time
  private var graceEnds = Never.time
  private var idleSince: MonotonicTime?
  private var atProbe = Signs()
  private var atPing = Signs()
  private var atLook = Signs()
  private var stalledSince: MonotonicTime?

  init(_ configuration: HTTP2Configuration, isServer: Bool, now: MonotonicTime) {
    self.configuration = configuration
    self.isServer = isServer
    greetingEnds = now.advanced(by: configuration.handshakeTimeout)
  }

  /// When `duties` is to be called next.
  var deadline: MonotonicTime {
    min(min(greetingEnds, graceEnds), min(nextProbe, answerEnds), min(nextLook, ageEnds))
  }

  /// The peer has introduced itself; `jitter` is from -1 to 1.
  mutating func becameReady(at now: MonotonicTime, jitter: Double) {
    greetingEnds = Never.time
    if let interval = configuration.keepaliveInterval { nextProbe = now.advanced(by: interval) }
    nextLook = now.advanced(by: lookInterval)
    nextAging = now.advanced(by: configuration.messageTimeout)
    if isServer, let age = configuration.maxAge {
      ageEnds = now.advanced(by: age * (1 + jitter / 10))
    }
  }

  /// The connection drains; it ends after `grace` at the latest, if that is given.
  mutating func began(drainAt now: MonotonicTime, grace: Duration?) {
    ageEnds = Never.time
    idleSince = nil
    if let grace { graceEnds = min(graceEnds, now.advanced(by: grace)) }
  }

  /// What has to be done at `now`.
  mutating func duties(at now: MonotonicTime, _ signs: Signs) -> [Duty] {
    if now >= greetingEnds { return [.abort(.handshakeTimeout)] }
    if now >= graceEnds { return [.abort(.drainTimeout)] }
    var duties: [Duty] = []
    if now >= ageEnds {
      ageEnds = Never.time
      duties.append(.drain(.age))
    }
    if now >= min(nextProbe, answerEnds) { probe(at: now, signs, &duties) }
    if now >= nextLook { look(at: now, signs, &duties) }
    return duties
  }

  // MARK: Keepalive

  private mutating func probe(
    at now: MonotonicTime, _ signs: Signs, _ duties: inout [Duty]
  ) {
    if now >= answerEnds {
      answerEnds = Never.time
      if !hasLived(atPing, signs) {
        return duties.append(.abort(.keepaliveTimeout))
      }
    }
    guard now >= nextProbe, let interval = configuration.keepaliveInterval else { return }
    nextProbe = now.advanced(by: interval)
    defer { atProbe = signs }
    let isWaiting = answerEnds != Never.time && !hasLived(atPing, signs)
    // A client leaves a connection without calls in peace, as servers demand of it.
    guard !isWaiting, !hasLived(atProbe, signs), signs.openStreams > 0 || isServer else { return }
    duties.append(.ping)
    atPing = signs
    answerEnds = now.advanced(by: configuration.keepaliveTimeout)
  }

  /// Bytes that the peer takes are a sign of life as good as those that it sends.
  private func hasLived(_ before: Signs, _ now: Signs) -> Bool {
    before.receivedReads != now.receivedReads
      || (before.sentBytes != now.sentBytes && now.waitingBytes > 0)
  }

  // MARK: Slow peers and idle ones

  private var lookInterval: Duration {
    var interval = min(configuration.messageTimeout, configuration.stallTimeout)
    if isServer, let idle = configuration.maxIdle { interval = min(interval, idle) }
    return interval
  }

  private mutating func look(
    at now: MonotonicTime, _ signs: Signs, _ duties: inout [Duty]
  ) {
    defer { atLook = signs }
    nextLook = now.advanced(by: lookInterval)
    if now >= nextAging {
      nextAging = now.advanced(by: configuration.messageTimeout)
      if signs.openStreams > 0 { duties.append(.ageStreams) }
    }
    if signs.waitingBytes > 0, signs.sentBytes == atLook.sentBytes {
      let since = stalledSince ?? now
      stalledSince = since
      if now.duration(since: since) >= configuration.stallTimeout {
        duties.append(.abort(.stallTimeout))
      }
    } else {
      stalledSince = nil
    }
    lookForIdleness(at: now, signs, &duties)
  }

  private mutating func lookForIdleness(
    at now: MonotonicTime, _ signs: Signs, _ duties: inout [Duty]
  ) {
    guard isServer, let idle = configuration.maxIdle, signs.openStreams == 0,
      atLook.openStreams == 0, signs.openedStreams == atLook.openedStreams
    else {
      idleSince = nil
      return
    }
    let since = idleSince ?? now.advanced(by: .zero - lookInterval)
    idleSince = since
    if now.duration(since: since) >= idle {
      idleSince = nil
      duties.append(.drain(.idle))
    }
  }
}
