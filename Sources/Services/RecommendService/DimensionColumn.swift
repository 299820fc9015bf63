/// One dimension of every row, as numbers into a dictionary of names.
struct DimensionColumn: Sendable {
  /// The row's number.
  let numbers: [Int32]
  /// The name behind a number, in the order in which rows bring them.
  let names: [String]

  /// Takes the names of `count` rows.
  init(_ count: Int, _ name: (Int) -> String) {
    var known = NameNumbers()
    numbers = (0..<count).map { known.number(of: name($0)) }
    names = known.names
  }

  /// Which numbers a filter lets through; nil when it lets everything through.
  func allowed(_ filter: [String]) -> [Bool]? {
    if filter.isEmpty { return nil }
    let wanted = Set(filter)
    return names.map { wanted.contains($0) }
  }
}

/// Numbers names by their first appearance.
private struct NameNumbers {
  private(set) var names: [String] = []
  private var numbers: [String: Int32] = [:]
  /// Which number a name with these last bytes had last, -1 for none: names are few and come a
  /// million times, and comparing one that shares its storage costs less than a hash.
  private var recent = [Int32](repeating: -1, count: 256)

  mutating func number(of name: String) -> Int32 {
    let place = Self.place(name)
    let guess = recent[place]
    if guess >= 0, names[Int(guess)] == name { return guess }
    let number = numbers[name] ?? add(name)
    recent[place] = number
    return number
  }

  private mutating func add(_ name: String) -> Int32 {
    let number = Int32(names.count)
    names.append(name)
    numbers[name] = number
    return number
  }

  /// A place among the recent ones, by the length and the last bytes.
  private static func place(_ name: String) -> Int {
    let place = name.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.suffix(4).reduce(UInt32(truncatingIfNeeded: bytes.count)) { $0 &* 31 &+ UInt32($1) }
    }
    return Int((place ?? 0) & 255)
  }
}
