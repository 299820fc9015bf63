/// A value of a row that moves from one store to another.
package enum TransferValue: Sendable, Hashable {
  /// No value.
  case null
  /// A whole number; times are nanoseconds since 1970.
  case integer(Int64)
  /// True or false.
  case bool(Bool)
  /// A figure, which is finite.
  case real(Double)
  /// A text.
  case text(String)
  /// A list of texts.
  case texts([String])
  /// Bytes that mean something to their table alone.
  case bytes([UInt8])
}

/// A row of a `TransferTable`: a value for each column, in order.
package typealias TransferRow = [TransferValue]

/// A column of what moves from one store to another.
package struct TransferColumn: Sendable, Hashable {
  /// What a column holds.
  package enum Kind: Sendable, Hashable {
    /// A whole number of that range.
    case integer(ClosedRange<Int64>)
    /// True or false.
    case bool
    /// A finite figure.
    case real
    /// A text.
    case text
    /// A list of texts.
    case texts
    /// Bytes.
    case bytes
  }

  /// The column's name, which is the same in every store.
  package let name: String
  /// What it holds.
  package let kind: Kind
  /// True when a row may be without it.
  package let isOptional: Bool

  /// True when the column may hold the value.
  package func takes(_ value: TransferValue) -> Bool {
    switch (kind, value) {
    case (_, .null): isOptional
    case (.integer(let range), .integer(let number)): range.contains(number)
    case (.real, .real(let number)): number.isFinite
    // PostgreSQL has no text with NUL inside, and nobody may write one.
    case (.text, .text(let text)): !text.utf8.contains(0)
    case (.texts, .texts(let texts)): texts.allSatisfy { !$0.utf8.contains(0) }
    case (.bool, .bool), (.bytes, .bytes): true
    default: false
    }
  }
}

// The words that `TransferTable`'s columns are written in.
extension TransferColumn {
  /// A whole number.
  static func integer(
    _ name: String, _ range: ClosedRange<Int64> = .min ... .max, isOptional: Bool = false
  ) -> TransferColumn {
    TransferColumn(name: name, kind: .integer(range), isOptional: isOptional)
  }

  /// A number of things, or a place among them.
  static func count(_ name: String, _ most: Int64 = .max, isOptional: Bool = false)
    -> TransferColumn
  {
    integer(name, 0...most, isOptional: isOptional)
  }

  /// Keys leave room for those that come behind them.
  static func key(_ name: String, isOptional: Bool = false) -> TransferColumn {
    integer(name, 1...(1 << 62), isOptional: isOptional)
  }

  /// A 32-bit number that is not negative.
  static func small(_ name: String) -> TransferColumn { count(name, Int64(Int32.max)) }

  /// A 32-bit number of a sample.
  static func unsigned(_ name: String) -> TransferColumn { count(name, Int64(UInt32.max)) }

  /// True or false.
  static func bool(_ name: String) -> TransferColumn {
    TransferColumn(name: name, kind: .bool, isOptional: false)
  }

  /// A figure.
  static func real(_ name: String, isOptional: Bool = false) -> TransferColumn {
    TransferColumn(name: name, kind: .real, isOptional: isOptional)
  }

  /// A text.
  static func text(_ name: String, isOptional: Bool = false) -> TransferColumn {
    TransferColumn(name: name, kind: .text, isOptional: isOptional)
  }

  /// A list of texts.
  static func list(_ name: String) -> TransferColumn {
    TransferColumn(name: name, kind: .texts, isOptional: false)
  }

  /// Bytes.
  static func bytes(_ name: String) -> TransferColumn {
    TransferColumn(name: name, kind: .bytes, isOptional: false)
  }
}

extension [TransferColumn] {
  /// Several texts.
  static func texts(_ names: String...) -> [TransferColumn] { names.map { .text($0) } }
}
