/// An aligned table for people.
struct Table {
  /// How a column is aligned.
  enum Alignment {
    case left
    case right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  /// A table without rows; a title that begins with ">" is aligned to the right.
  init(_ titles: String...) { self.init(titles: titles) }

  /// The same with a list of titles.
  init(titles: [String]) {
    columns = titles.map { title in
      title.hasPrefix(">") ? (String(title.dropFirst()), .right) : (title, .left)
    }
  }

  /// Adds a row; missing cells are empty.
  mutating func add(_ cells: [String]) {
    rows.append(
      cells.map(Format.plain) + Array(repeating: "", count: max(0, columns.count - cells.count)))
  }

  /// True while it has no rows.
  var isEmpty: Bool { rows.isEmpty }

  /// The table as lines. A column that is empty in every row is left out.
  var lines: [String] {
    let used = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    let widths = used.map { column in
      max(columns[column].title.count, rows.map { $0[column].count }.max() ?? 0)
    }
    let all = [columns.map(\.title)] + rows
    return all.map { row in
      let cells = zip(used, widths).map { column, width in
        let padding = String(repeating: " ", count: max(0, width - row[column].count))
        return columns[column].alignment == .left ? row[column] + padding : padding + row[column]
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
