import Importers
import Testing

@Suite struct ResultImportTests {
  private typealias Fixture = AIConfiguratorFixture

  @Test("a format is found out from the first line") func detects() throws {
    #expect(try read(Fixture.file(Fixture.row())).format == "aiconfigurator")
    #expect(try read(IBMPilotFixture.file(IBMPilotFixture.row())).format == "ibm-pilot")
    #expect(ImporterRegistry.standard.formats == ["aiconfigurator", "ibm-pilot"])
  }

  @Test("what no tool wrote is refused") func unknown() throws {
    for text in ["a,b,c\n1,2,3\n", "{\"results\": []}\n", "no line end", "\u{1}\u{2}\u{3}\u{4}\n"] {
      #expect(try refusal(text).code == .unknownFormat)
    }
    #expect(try refusal("a,b\n", format: "guidellm").code == .unknownFormat)
    #expect(try refusal(String(repeating: "x", count: 100_000)).code == .unknownFormat)
  }

  @Test("the wrong tool's file names the columns that it lacks") func wrongTool() throws {
    let error = try refusal(Fixture.file(Fixture.row()), format: "ibm-pilot")
    #expect(error.code == .missingColumns)
    #expect(error.message.contains("timestamps_per_token"))
    let reduced = Fixture.file(Fixture.row()).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropFirst().joined(separator: ",")
    }.joined(separator: "\n")
    #expect(try refusal(reduced).message.hasSuffix("columns are missing: id"))
  }

  @Test("a file that lacks a column by which its format is known names the column all the same")
  func missingColumn() throws {
    for (column, text) in [
      ("silicon_tpot_ms", Fixture.header), ("timestamps_per_token", IBMPilotFixture.header),
    ] {
      let error = try refusal(text.replacing(column, with: "other") + "\n")
      #expect(error.code == .missingColumns && error.line == 1)
      #expect(error.message.hasSuffix("columns are missing: \(column)"))
    }
  }

  @Test(
    "what is kept of a row is one line, and ids are the catalog's",
    arguments: ["org/\u{1B}[2Jmodel", "org/mo\u{9B}del", " org/model", "org/model ", "org/mo\tdel"])
  func controlCharacters(model: String) throws {
    var text = Fixture.file(Fixture.row(), Fixture.row(id: "b"))
    text.replaceSubrange(try #require(text.ranges(of: "org/model").last), with: model)
    let error = try refusal(text)
    #expect(error.code == .badValue && error.line == 3)
    #expect(error.message.hasPrefix("model_path must not"))
    let pilot = IBMPilotFixture.file(IBMPilotFixture.row()).replacing("llama-7b", with: model)
    #expect(try refusal(pilot).message.hasPrefix("model must not"))
    for row in [
      Fixture.row(id: "a\u{7}"), Fixture.row(origin: "x\u{1B}; silicon_concurrency=8"),
      Fixture.row(version: "1\u{8}"), Fixture.row(ttft: "\u{1B}[2J"),
    ] {
      let error = try refusal(Fixture.file(row))
      #expect(error.code == .badValue)
      #expect(!error.message.unicodeScalars.contains { $0.value < 32 })
    }
  }

  @Test("an empty file and one without rows are refused") func empty() throws {
    #expect(try refusal("").code == .empty)
    #expect(try refusal("", format: "aiconfigurator").code == .empty)
    #expect(try refusal(Fixture.header + "\n").code == .empty)
    #expect(try refusal(Fixture.header).code == .empty)
  }

  @Test("a compressed file is refused with the way out") func compressed() throws {
    let bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]
    for format in ["", "ibm-pilot"] {
      let error = try #require(throws: ImportError.self) { try read(bytes, format: format) }
      #expect(error.message.contains("gzip -dc"))
    }
  }

  @Test("broken CSV is refused with its line") func broken() throws {
    let row = Fixture.row()
    for (text, line) in [
      (Fixture.header + "\n" + row + ",extra\n", 2), (Fixture.header + "\n\n" + "a,b\n", 3),
      (Fixture.header + "\n\"" + row + "\n", 2), (Fixture.header + "\na\"b," + row + "\n", 2),
      (Fixture.header + "\n\"a\"b," + row + "\n", 2), (Fixture.header + "\n\u{0}" + row, 2),
      (Fixture.header + "\nx\ry\n", 2), (Fixture.header + ",id\n" + row + "\n", 1),
    ] {
      let error = try refusal(text)
      #expect(error.code == .malformed)
      #expect(error.line == line)
    }
    var bytes = Array(Fixture.file(Fixture.row(id: "@")).utf8)
    bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "@")))] = 0xFF
    let error = try #require(throws: ImportError.self) { try read(bytes) }
    #expect(error.code == .malformed && error.line == 2)
  }

  @Test("quotes hold commas, line ends and doubled quotes") func quoted() throws {
    let text = Fixture.file(
      Fixture.row(gemm: "\"a,\"\"b\"\"\nc\""), Fixture.row(id: "d", ttft: "NaN"))
    // The column stands twice in a row of the fixture.
    #expect(try refusal(text).line == 5)
    let good = Fixture.file(Fixture.row(id: "\"a,\"\"b\"\" c\"", gemm: "\"x\ny\""))
    for size in [1, 5, 1_000] {
      let report = try read(good, pieces: size)
      let source = report.bundle.results[0].result.provenance.source
      #expect(source.hasPrefix("test.csv: a,\"b\" c; db-dump"))
    }
  }

  @Test("a record without end is refused before it fills the memory") func endless() throws {
    var reading = try ResultImport(
      format: "ibm-pilot", source: ImportSource(name: "endless"))
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    let error = try #require(throws: ImportError.self) {
      for _ in 0..<64 { try piece.withUnsafeBytes { try reading.consume($0) } }
    }
    #expect(error.code == .tooLarge)
    #expect(try refusal(Fixture.header + String(repeating: ",", count: 2_000)).code == .tooLarge)
  }
}
