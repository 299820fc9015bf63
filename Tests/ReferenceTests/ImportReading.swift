import Foundation
import Importers
import Testing

/// Imports one file of the reference folder, in pieces, without naming its format.
func importReference(_ path: String) throws -> ImportReport {
  let data = try path.hasSuffix(".gz") ? gunzip(path) : ReferenceFolder.data(path)
  let name = String(path.split(separator: "/").last ?? "")
  var reading = try ResultImport(source: ImportSource(name: name))
  let bytes = [UInt8](data)
  for start in stride(from: 0, to: bytes.count, by: 65_536) {
    try bytes[start..<min(start + 65_536, bytes.count)].withUnsafeBytes {
      try reading.consume($0)
    }
  }
  return try reading.finish()
}

/// The content of a compressed file, by the system's gzip.
private func gunzip(_ path: String) throws -> Data {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [
    "gzip", "-dc", try #require(ReferenceFolder.url).appending(path: path).path(),
  ]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
  return data
}
