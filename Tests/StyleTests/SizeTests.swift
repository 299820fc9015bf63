import Testing

@Suite("Sizes and words")
struct SizeTests {
  @Test("no file is longer than 400 lines or wider than 100 columns")
  func filesAreShort() throws {
    for file in try House.sources() where !file.isGenerated {
      #expect(file.lines.count <= 401, "\(file) has \(file.lines.count) lines")
      for (number, line) in file.lines.enumerated() where line.count > 100 {
        Issue.record("\(file):\(number + 1) has \(line.count) columns")
      }
    }
  }

  @Test("no function is longer than 70 lines")
  func functionsAreShort() throws {
    for file in try House.sources() where !file.isGenerated {
      for (name, length) in functionLengths(file.lines) {
        #expect(length <= 70, "\(file): \(name) has \(length) lines")
      }
    }
  }

  @Test("nothing is left undone, and nothing outside can stop the process")
  func noBannedWords() throws {
    let banned = [
      "TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "fatal" + "Error(", "try" + "!",
    ]
    for file in try House.sources() where !file.isGenerated {
      for (number, line) in file.lines.enumerated() {
        for word in banned where line.contains(word) {
          Issue.record("\(file):\(number + 1) says \(word)")
        }
      }
    }
  }

  @Test("folders are named by what they hold")
  func noDrawers() throws {
    let drawers: Set<String> = ["Utils", "Common", "Helpers", "Core"]
    for file in try House.sources() {
      #expect(drawers.isDisjoint(with: file.url.pathComponents), "\(file)")
    }
  }

  /// Functions by indentation: from the line that declares one to the brace at its own indent.
  private func functionLengths(_ lines: [Substring]) -> [(String, Int)] {
    var found: [(String, Int)] = []
    for (start, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }
      let text = line.dropFirst(indent.count)
      guard text.contains("func ") || text.hasPrefix("init") || text.contains(" init(") else {
        continue
      }
      guard !text.hasPrefix("//"), !text.hasSuffix("}") else { continue }
      let close = indent + "}"
      guard let end = lines[start...].firstIndex(where: { $0 == close }) else { continue }
      found.append((String(text.prefix(60)), end - start + 1))
    }
    return found
  }
}
