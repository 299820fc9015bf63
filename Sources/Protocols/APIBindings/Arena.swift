import CProtobufC
import Glibc

/// The memory of one message: taken in chunks, given back at once, never more than a bound.
///
/// Filled by one thread, while a message is decoded or encoded; after that only read.
package final class Arena: @unchecked Sendable {  // written only before it is shared
  /// What protobuf-c's allocator functions reach without counting references.
  private struct State {
    var allocator: ProtobufCAllocator
    var cursor: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer
    var chunk: UnsafeMutableRawPointer
    var left: Int
    var nextChunk: Int
    var isExhausted = false
  }

  private static let alignment = 16
  private static let largestChunk = 1 << 18
  /// A chunk begins with the address of the one before it.
  private static let header = alignment

  private let state: UnsafeMutablePointer<State>

  /// An arena that gives out at most `limit` bytes; the first chunk holds `firstChunk` of them.
  init(limit: Int, firstChunk: Int) {
    let stateSize = (MemoryLayout<State>.size + Self.alignment - 1) & -Self.alignment
    let size = Self.header + stateSize + firstChunk
    let chunk = Self.allocate(size)
    chunk.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
    state = (chunk + Self.header).bindMemory(to: State.self, capacity: 1)
    state.initialize(
      to: State(
        allocator: ProtobufCAllocator(
          alloc: { Arena.take($1, from: $0) }, free: { _, _ in }, allocator_data: state),
        cursor: chunk + Self.header + stateSize, end: chunk + size, chunk: chunk,
        left: limit, nextChunk: max(firstChunk * 2, 1024)))
  }

  deinit {
    var chunk: UnsafeMutableRawPointer? = state.pointee.chunk
    while let current = chunk {
      chunk = current.load(as: UnsafeMutableRawPointer?.self)
      free(current)
    }
  }

  /// True once the bound was met: what was being decoded is not whole.
  var isExhausted: Bool { state.pointee.isExhausted }

  /// For protobuf-c, which gives memory back only through `deinit`.
  var allocator: UnsafeMutablePointer<ProtobufCAllocator> {
    UnsafeMutableRawPointer(state).assumingMemoryBound(to: ProtobufCAllocator.self)
  }

  /// Room for `count` values of our own while encoding, where there is no bound to meet.
  func allocate<T>(_ type: T.Type, count: Int = 1) -> UnsafeMutablePointer<T> {
    guard let memory = Self.take(count * MemoryLayout<T>.stride, from: state) else {
      preconditionFailure("an arena for encoding has no bound")
    }
    return memory.bindMemory(to: type, capacity: count)
  }

  /// A block of the current chunk, or of a new one; nil over the bound.
  private static func take(
    _ size: Int, from raw: UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer? {
    guard let state = raw?.assumingMemoryBound(to: State.self) else { return nil }
    guard size >= 0, size <= state.pointee.left else {
      state.pointee.isExhausted = true
      return nil
    }
    let rounded = (size + alignment - 1) & -alignment
    if rounded > state.pointee.end - state.pointee.cursor { addChunk(rounded, to: state) }
    let block = state.pointee.cursor
    state.pointee.cursor = block + rounded
    state.pointee.left -= min(rounded, state.pointee.left)
    return block
  }

  private static func addChunk(_ atLeast: Int, to state: UnsafeMutablePointer<State>) {
    let size = header + max(atLeast, state.pointee.nextChunk)
    let chunk = allocate(size)
    chunk.storeBytes(of: state.pointee.chunk, as: UnsafeMutableRawPointer?.self)
    state.pointee.chunk = chunk
    state.pointee.cursor = chunk + header
    state.pointee.end = chunk + size
    state.pointee.nextChunk = min(state.pointee.nextChunk * 2, largestChunk)
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    guard let memory = malloc(size) else { preconditionFailure("out of memory") }
    return memory
  }
}
