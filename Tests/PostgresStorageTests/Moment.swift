/// Something that happens once.
struct Moment: Sendable {
  private let events: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (events, continuation) = AsyncStream.makeStream(of: Void.self) }

  func happens() { continuation.finish() }

  func wait() async { for await _ in events {} }
}
