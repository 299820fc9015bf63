package import BenchmarkDomain
package import Storage
internal import Synchronization

/// What every store must do, whatever it stands on: cases that a store's own tests run, each on
/// an empty store.
package struct StorageConformance: Sendable, CustomStringConvertible {
  /// The behaviour, as a sentence.
  package let description: String
  /// Throws `ConformanceFailure` when the store does not do it.
  package let run: @Sendable (StoreUnderTest) async throws -> Void

  init(_ description: String, _ run: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
    self.description = description
    self.run = run
  }

  /// Every case.
  package static let all: [StorageConformance] =
    catalog + prices + configurations + results + imports + runs + leases + samples + commitLog
    + agents + audit
}

/// An empty store and the clock that it was given.
package struct StoreUnderTest: Sendable {
  /// The store.
  package let store: any CatalogStore & RunStore & AuditStore
  /// Its time.
  package let clock: TestClock

  /// Joins the two.
  package init(store: any CatalogStore & RunStore & AuditStore, clock: TestClock) {
    self.store = store
    self.clock = clock
  }
}

/// A wall clock that moves when it is told to.
package final class TestClock: Sendable {
  private let time = Mutex(WallTime(seconds: 1_780_000_000))

  /// Makes a clock that stands in 2026.
  package init() {}

  /// What it shows.
  package var now: WallTime { time.withLock { $0 } }

  /// Moves it.
  package func advance(by duration: Duration) {
    time.withLock { $0 = $0.advanced(by: duration) }
  }
}

/// A store does not do what its protocol says.
package struct ConformanceFailure: Error, CustomStringConvertible {
  /// What, and where in the suite.
  package let description: String
}

/// Fails unless `condition` holds.
func check(
  _ condition: Bool, _ message: String, file: StaticString = #fileID, line: UInt = #line
) throws {
  guard !condition else { return }
  throw ConformanceFailure(description: "\(file):\(line): \(message)")
}

/// Fails unless both are equal.
func checkEqual<Value: Equatable>(
  _ found: Value, _ expected: Value, file: StaticString = #fileID, line: UInt = #line
) throws {
  try check(
    found == expected, "found \(found), expected \(expected)", file: file, line: line)
}

/// Fails when there is nothing; returns what there is.
func present<Value>(_ value: Value?, file: StaticString = #fileID, line: UInt = #line) throws
  -> Value
{
  guard let value else { throw ConformanceFailure(description: "\(file):\(line): found nothing") }
  return value
}

/// Fails unless `body` throws a `StorageError` of that code with a sentence in it.
func checkRefused<Value>(
  _ code: StorageError.Code, file: StaticString = #fileID, line: UInt = #line,
  _ body: () async throws -> Value
) async throws {
  do { _ = try await body() } catch let error as StorageError {
    try checkEqual(error.code, code, file: file, line: line)
    return try check(error.message.hasSuffix("."), "no sentence", file: file, line: line)
  }
  throw ConformanceFailure(description: "\(file):\(line): was not refused")
}

/// Reads a list to its end in pages of `size`; fails when a page is longer.
func everyPage<Item>(
  of size: Int, _ list: (PageRequest) async throws -> Page<Item>
) async throws -> [Item] {
  var items: [Item] = []
  var token = ""
  repeat {
    let page = try await list(PageRequest(size: size, token: token))
    try check(page.items.count <= size, "a page of \(page.items.count)")
    items += page.items
    token = page.nextToken
    try check(items.count < 100_000, "the pages do not end")
  } while !token.isEmpty
  return items
}
