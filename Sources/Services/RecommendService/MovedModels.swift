/// Models of whose results some were written, or whatever answers rest on besides.
struct MovedModels {
  /// Beyond so many, every model counts as moved.
  private static let limit = 1_000
  private var ids: Set<String> = []
  private var isAll = false

  /// Adds models; nil is everything.
  mutating func add(_ models: Set<String>?) {
    guard !isAll, let models, ids.count + models.count <= Self.limit else {
      (ids, isAll) = ([], true)
      return
    }
    ids.formUnion(models)
  }

  /// Adds what moved besides.
  mutating func add(_ other: MovedModels) { add(other.isAll ? nil : other.ids) }

  var isEmpty: Bool { !isAll && ids.isEmpty }

  /// True when a question that names these models, or all when it names none, is to be answered
  /// anew.
  func concern(_ modelIDs: [String]) -> Bool {
    isAll || !ids.isEmpty && (modelIDs.isEmpty || modelIDs.contains(where: ids.contains))
  }
}
