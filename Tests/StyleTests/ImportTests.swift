import Testing

@Suite("Imports")
struct ImportTests {
  @Test("every target imports only what the house allows it")
  func importsAreAllowed() throws {
    for file in try House.sources() {
      guard let allowed = House.allowed[file.target] else { continue }
      for module in file.lines.compactMap(House.importedModule) {
        #expect(
          allowed.contains(module) || House.toolchain.contains(module),
          "\(file) imports \(module)")
      }
    }
  }

  @Test("every target is in the house")
  func everyTargetIsKnown() throws {
    for file in try House.sources() {
      let isKnown =
        House.allowed[file.target] != nil || House.assemblies.contains(file.target)
        || file.target.hasPrefix("benchfront")
      #expect(isKnown, "\(file) belongs to no room")
    }
  }

  @Test("a C module is imported by one target alone")
  func oneImporterPerCModule() throws {
    var importers: [String: Set<String>] = [:]
    for file in try House.sources() {
      for module in file.lines.compactMap(House.importedModule)
      where module.hasPrefix("C") && module.dropFirst().first?.isUppercase == true
        && module != "CLICommands"
      {
        importers[module, default: []].insert(file.target)
      }
    }
    // CLinux holds the system calls that Glibc's module lacks, as Glibc does the others.
    importers["CLinux"] = nil
    for (module, targets) in importers {
      #expect(targets.count == 1, "\(module) is imported by \(targets.sorted())")
    }
  }

  @Test("no target of ours brings full Foundation")
  func noFoundation() throws {
    for file in try House.sources() {
      #expect(
        !file.lines.compactMap(House.importedModule).contains("Foundation"), "\(file)")
    }
  }
}
