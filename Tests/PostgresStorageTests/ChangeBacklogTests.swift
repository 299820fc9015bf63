import Testing

@testable import PostgresStorage

@Suite("Changes that wait to be read")
struct ChangeBacklogTests {
  private func changes(_ backlog: ChangeBacklog) -> [StoreChange] {
    var backlog = backlog
    var read: [StoreChange] = []
    while let change = backlog.next() { read.append(change) }
    return read
  }

  @Test("changes are read in the order in which they were told")
  func order() {
    var backlog = ChangeBacklog(limit: 3)
    #expect(backlog.next() == nil)
    backlog.append(.catalog(version: 1))
    backlog.append(.run(id: "run", commitNumber: 7))
    backlog.append(.catalog(version: 2))
    #expect(
      changes(backlog) == [
        .catalog(version: 1), .run(id: "run", commitNumber: 7), .catalog(version: 2),
      ])
  }

  @Test("a reader that falls behind is told that it missed some, and then what follows")
  func overflow() {
    var backlog = ChangeBacklog(limit: 3)
    for version in 1...4 { backlog.append(.catalog(version: Int64(version))) }
    #expect(changes(backlog) == [.missed])
    backlog.append(.catalog(version: 5))
    #expect(changes(backlog) == [.missed, .catalog(version: 5)])
  }

  @Test("what was missed covers all that was told before")
  func missed() {
    var backlog = ChangeBacklog(limit: 3)
    backlog.append(.catalog(version: 1))
    backlog.append(.missed)
    backlog.append(.catalog(version: 2))
    #expect(changes(backlog) == [.missed, .catalog(version: 2)])
  }

  @Test("however much is told, no more waits than the limit")
  func bound() {
    var backlog = ChangeBacklog(limit: 3)
    for version: Int64 in 0..<1000 {
      backlog.append(.catalog(version: version))
      #expect(changes(backlog).count <= 3)
    }
  }
}
