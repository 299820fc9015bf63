/// Finds the files that describe some services: by name, by what they declare, by extension.
package struct DescriptorIndex: Sendable {
  private let files: [FileDescriptors.File]
  private var places: [String: Int] = [:]
  private var imports: [[String]] = []
  private var symbols: [String: Int] = [:]
  private var extensions: [String: [Int32: Int]] = [:]

  /// The files that declare the services, and everything that those import; a service that no
  /// embedded file declares is left out.
  package init(services: [String], files: [FileDescriptors.File] = FileDescriptors.files) {
    let declarations = files.map { file in
      do throws(DecodingFailure) {
        return try FileDeclarations(file)
      } catch {
        preconditionFailure("the embedded descriptor of \(file.name) \(error)")
      }
    }
    var wanted = Set<String>()
    let services = Set(services)
    // Whoever imports a file stands behind it.
    for (file, declared) in zip(files, declarations).reversed()
    where wanted.contains(file.name) || declared.symbols.contains(where: services.contains) {
      wanted.formUnion([file.name] + declared.imports)
    }
    let kept = zip(files, declarations).filter { wanted.contains($0.0.name) }
    self.files = kept.map(\.0)
    for (place, (file, declared)) in kept.enumerated() {
      places[file.name] = place
      imports.append(declared.imports)
      for symbol in declared.symbols { symbols[symbol] = place }
      for (type, number) in declared.extensions { extensions[type, default: [:]][number] = place }
    }
  }

  /// A file by its name as imports write it, then all that it imports, each once; nil when there
  /// is none.
  package func files(named name: String) -> [[UInt8]]? { places[name].map(closure) }

  /// Likewise, the file that declares a message, field, enum, value, service or method.
  package func files(declaring symbol: String) -> [[UInt8]]? { symbols[symbol].map(closure) }

  /// Likewise, the file that declares an extension.
  package func files(declaringExtension number: Int32, of type: String) -> [[UInt8]]? {
    extensions[type]?[number].map(closure)
  }

  /// The numbers of a message's extensions, in order; nil when there is no such message.
  package func extensionNumbers(of type: String) -> [Int32]? {
    symbols[type] == nil ? nil : extensions[type, default: [:]].keys.sorted()
  }

  private func closure(_ start: Int) -> [[UInt8]] {
    var order = [start]
    var seen = Set(order)
    var next = 0
    while next < order.count {
      for name in imports[order[next]] {
        guard let place = places[name], seen.insert(place).inserted else { continue }
        order.append(place)
      }
      next += 1
    }
    return order.map { files[$0].bytes }
  }
}
