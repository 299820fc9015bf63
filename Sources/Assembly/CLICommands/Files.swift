import ArgumentParser
import Glibc

/// Reads a whole file of at most `limit` bytes; exit code 3 when there is none, 4 when it is too
/// large or cannot be read.
func readFile(_ path: String, limit: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  try readChunks(path, size: 65_536) { chunk in
    bytes += chunk
    guard bytes.count <= limit else {
      printError("\(path) is larger than \(limit) bytes")
      throw ExitCode(4)
    }
  }
  return bytes
}

/// Reads a file piece by piece.
func readChunks(_ path: String, size: Int, _ body: ([UInt8]) throws -> Void) throws {
  let descriptor = try openFile(path)
  defer { close(descriptor) }
  while let chunk = try readChunk(descriptor, size: size, path: path) { try body(chunk) }
}

/// Opens a file for reading.
func openFile(_ path: String) throws -> Int32 {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    let code = errno
    printError("cannot open \(path): \(String(cString: strerror(code)))")
    throw ExitCode(code == ENOENT ? 3 : 4)
  }
  return descriptor
}

/// The next bytes of a file; nil at its end.
func readChunk(_ descriptor: Int32, size: Int, path: String) throws -> [UInt8]? {
  while true {
    var count = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, used in
      count = read(descriptor, buffer.baseAddress, size)
      used = max(0, count)
    }
    if count > 0 { return chunk }
    if count == 0 { return nil }
    guard errno == EINTR else {
      printError("cannot read \(path): \(String(cString: strerror(errno)))")
      throw ExitCode(4)
    }
  }
}
