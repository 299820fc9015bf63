/// One import: finds the format if need be, bounds the size, and feeds the importer.
package struct ResultImport: Sendable {
  /// Most bytes of a file.
  package static let maximumBytes = 1 << 29
  /// Most bytes of a first line by which a format is recognised.
  package static let maximumFirstLineBytes = 1 << 16

  private let registry: ImporterRegistry
  private let source: ImportSource
  private var importer: (any ResultImporter)?
  private var head: [UInt8] = []
  private var byteCount = 0
  private var isStarted = false

  /// Starts an import; an empty `format` is found out from the first line. Throws `unknownFormat`.
  package init(
    format: String = "", source: ImportSource, registry: ImporterRegistry = .standard
  ) throws(ImportError) {
    self.registry = registry
    self.source = source
    if !format.isEmpty { importer = try registry.importer(format: format, source: source) }
  }

  /// Takes the next bytes of the file.
  package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
    byteCount += bytes.count
    guard byteCount <= Self.maximumBytes else {
      throw ImportError(.tooLarge, "the file has more than \(Self.maximumBytes) bytes")
    }
    if isStarted {
      try importer?.consume(bytes)
      return
    }
    head.append(contentsOf: bytes)
    guard head.count >= 4 else { return }
    try refuseCompressed()
    if importer == nil { try recognise(isWhole: false) }
    if importer != nil { try start() }
  }

  /// Says that the file has ended.
  package mutating func finish() throws(ImportError) -> ImportReport {
    guard byteCount > 0 else { throw ImportError(.empty, "the file is empty") }
    if importer == nil { try recognise(isWhole: true) }
    try start()
    guard var importer else { throw ImportError(.empty, "the file is empty") }
    return try importer.finish()
  }

  /// Hands over what was held back.
  private mutating func start() throws(ImportError) {
    guard !isStarted else { return }
    isStarted = true
    let bytes = head
    head = []
    var failure: ImportError?
    bytes.withUnsafeBytes { buffer in
      do throws(ImportError) { try importer?.consume(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func refuseCompressed() throws(ImportError) {
    if head.starts(with: [0x1F, 0x8B]) {
      throw ImportError(
        .unknownFormat, "the file is compressed; decompress it first (gzip -dc FILE)")
    }
  }

  private mutating func recognise(isWhole: Bool) throws(ImportError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = head.starts(with: mark) ? mark.count : 0
    guard let end = head.firstIndex(of: UInt8(ascii: "\n")) ?? (isWhole ? head.count : nil) else {
      guard head.count <= Self.maximumFirstLineBytes else {
        throw ImportError(
          .unknownFormat, line: 1,
          "the first line is longer than \(Self.maximumFirstLineBytes) bytes")
      }
      return
    }
    var line = head[min(start, end)..<end]
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    // What is not text is recognised by none.
    let text = String(validating: line, as: UTF8.self) ?? ""
    importer = try registry.importer(firstLine: text, source: source)
  }
}
