import Foundation
import Testing

/// The folder of real data and published results that `BENCHFRONT_REFERENCE` names.
///
/// Suites that need it carry `.enabled(if: ReferenceFolder.isSet)`.
enum ReferenceFolder {
  /// The folder; nil where the variable is unset or empty.
  static let url: URL? = ProcessInfo.processInfo.environment["BENCHFRONT_REFERENCE"]
    .flatMap { $0.isEmpty ? nil : URL(filePath: $0, directoryHint: .isDirectory) }

  static var isSet: Bool { url != nil }

  /// The bytes of one file, `path` relative to the folder.
  static func data(_ path: String) throws -> Data {
    try Data(contentsOf: #require(url).appending(path: path))
  }

  /// One JSON file, decoded; keys in snake case become camel case.
  static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: data(path))
  }

  /// Names of the files of one subfolder that begin with `prefix` and end with `suffix`, sorted;
  /// none where the variable is unset, so that it can stand in a test's arguments.
  static func files(in folder: String, prefix: String, suffix: String = ".json") -> [String] {
    guard let url else { return [] }
    // A folder that cannot be listed has no files; the tests that count them say so.
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: url.appending(path: folder).path())
    return (names ?? []).filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.sorted()
  }
}

@Suite("Reference folder")
struct ReferenceFolderTests {
  @Test("without a folder the suite says that it checked nothing")
  func folder() {
    if ReferenceFolder.isSet {
      #expect(ReferenceFolder.files(in: "ranking", prefix: "").count > 0)
    } else {
      print("BENCHFRONT_REFERENCE is not set: no reference data was checked")
    }
  }
}
