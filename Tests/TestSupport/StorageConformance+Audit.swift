internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  private static func call(_ number: Int32) -> AuditedCall {
    AuditedCall(
      caller: number % 2 == 0 ? "" : "ada", roles: number % 2 == 0 ? [] : ["reader", "operator"],
      method: "benchfront.v1.Catalog/RegisterModel", subject: "model \(number)", code: number)
  }

  static let audit: [StorageConformance] = [
    StorageConformance("audit records are listed as they were added, the newest first") { test in
      try await test.store.append([])
      try await test.store.append([(call(0), .seconds(3)), (call(1), .zero)])
      test.clock.advance(by: .seconds(1))
      try await test.store.append([(call(2), .milliseconds(1500))])
      let all = try await everyPage(of: 2) { try await test.store.auditRecords(page: $0) }
      try checkEqual(all.map(\.call), [call(2), call(1), call(0)])
      let now = test.clock.now
      try checkEqual(
        all.map(\.recordedAt),
        [1500, 1000, 4000].map { now.advanced(by: .zero - .milliseconds($0)) })
      try check(all[0].id > all[1].id && all[1].id > all[2].id, "ids do not grow")
      try await checkRefused(.invalid) {
        try await test.store.auditRecords(page: PageRequest(token: "none"))
      }
    },
    StorageConformance("audit records of before a time are dropped, however many") { test in
      for _ in 0..<5 {
        try await test.store.append((0..<500).map { (call($0), Duration.seconds(10)) })
      }
      let old = AuditedCall(caller: "", roles: [], method: "m", subject: "kept", code: 0)
      try await test.store.append([(old, .seconds(9))])
      try await test.store.dropAuditRecords(
        before: test.clock.now.advanced(by: .zero - .seconds(9)))
      let left = try await everyPage(of: 1000) { try await test.store.auditRecords(page: $0) }
      try checkEqual(left.map(\.call), [old])
    },
  ]
}
