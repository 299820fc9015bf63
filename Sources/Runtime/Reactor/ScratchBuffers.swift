/// Memory that the sockets of one loop share, so that an idle connection holds none.
final class ScratchBuffers {
  static let readBytes = 65_536
  private static let pooled = 16
  private static let largestPooledBytes = 262_144

  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 64)
  private var pool: [[UInt8]] = []

  deinit { readBuffer.deallocate() }

  func takeWriteBuffer() -> [UInt8] {
    pool.popLast() ?? []
  }

  func give(back buffer: inout [UInt8]) {
    var returned: [UInt8] = []
    swap(&returned, &buffer)
    guard pool.count < Self.pooled, returned.capacity <= Self.largestPooledBytes else { return }
    returned.removeAll(keepingCapacity: true)
    pool.append(returned)
  }
}

extension EventLoop {
  /// An empty buffer of those that the loop's connections share; on the loop.
  package func takeBuffer() -> [UInt8] { scratch.takeWriteBuffer() }

  /// Takes a buffer back and leaves an empty one; on the loop.
  package func giveBack(_ buffer: inout [UInt8]) { scratch.give(back: &buffer) }
}
