import HTTP2

/// What a unary handler returns.
package enum UnaryReply {
  /// The encoded answer.
  case message([UInt8])
  /// Work that has to wait; it runs as a task that prefers the connection's loop.
  case later(@Sendable () async throws -> [UInt8])
}

/// The code behind a method.
package enum MethodHandler: Sendable {
  /// Runs synchronously on the connection's loop; the buffer is valid during the call only.
  case unary(@Sendable (UnsafeRawBufferPointer, ServerContext) throws -> UnaryReply)
  /// Runs as a task that prefers the connection's loop.
  case streaming(@Sendable (ServerStream) async throws -> Void)
}

/// The methods of a server, found by the bytes of their paths.
package struct Router: Sendable {
  /// A class, so that a call holds its method by one reference.
  final class Entry: Sendable {
    let method: MethodDescriptor
    let handler: MethodHandler
    let path: [UInt8]
    let isUnary: Bool
    /// The place in the order of registration.
    let index: Int

    init(method: MethodDescriptor, handler: MethodHandler, path: [UInt8], index: Int) {
      self.method = method
      self.index = index
      self.handler = handler
      self.path = path
      isUnary = if case .unary = handler { true } else { false }
    }
  }

  private var entries: [Entry] = []
  /// Open addressing; an element is an index into `entries`, or -1. At most half full.
  private var table: [Int32] = [-1, -1]

  package init() {}

  /// The registered methods, in the order of registration.
  package var methods: [MethodDescriptor] { entries.map(\.method) }

  /// Adds a method; adding one twice is a bug.
  package mutating func register(_ method: MethodDescriptor, _ handler: MethodHandler) {
    let path = Array(method.path.utf8)
    precondition(find(path.span.bytes) == nil, "\(method.path) is registered twice")
    entries.append(Entry(method: method, handler: handler, path: path, index: entries.count))
    if entries.count * 2 > table.count { table = Array(repeating: -1, count: table.count * 2) }
    for index in table.indices { table[index] = -1 }
    for index in entries.indices { insert(index) }
  }

  private mutating func insert(_ index: Int) {
    let path = entries[index].path
    var slot = Self.hash(path.span.bytes) & (table.count - 1)
    while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
    table[slot] = Int32(index)
  }

  /// The method with this path.
  func find(_ path: RawSpan) -> Entry? {
    var slot = Self.hash(path) & (table.count - 1)
    while table[slot] >= 0 {
      let index = Int(table[slot])
      let entry = entries[index]
      if path.equals(entry.path) { return entry }
      slot = (slot + 1) & (table.count - 1)
    }
    return nil
  }

  /// FNV-1a, 64 bits; paths are ours, so nobody can choose them to collide.
  private static func hash(_ path: RawSpan) -> Int {
    path.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return Int(truncatingIfNeeded: hash ^ hash >> 32) & Int.max
    }
  }
}
