/// Why bytes are not the message that they should be.
package struct DecodingFailure: Error, Equatable, Sendable {
  /// What is wrong.
  package enum Reason: Sendable, Equatable {
    /// A number, length or field goes on behind the end.
    case truncated
    /// A number is longer than ten bytes, or a length or tag longer than five.
    case overlongNumber
    /// A field number of 0, a group, or a wire type that does not exist.
    case illegalTag
    /// A string is not UTF-8.
    case invalidUTF8
    /// A string holds a NUL.
    case containsNUL
    /// Messages lie within messages too deeply.
    case tooDeep
    /// The message would take more memory than its size justifies.
    case needsTooMuchMemory
    /// protobuf-c refuses it for another reason.
    case malformed
  }

  /// Path of the field in the .proto's names, e.g. "matrix.workloads[0].name"; empty for the
  /// message itself.
  package var field: String
  /// What is wrong with it.
  package let reason: Reason
}

extension DecodingFailure: CustomStringConvertible {
  package var description: String {
    field.isEmpty ? "the message \(reason.sentence)" : "\(field) \(reason.sentence)"
  }
}

extension DecodingFailure.Reason {
  /// What follows the field's name.
  package var sentence: String {
    switch self {
    case .truncated: "is cut off"
    case .overlongNumber: "holds a number that is too long"
    case .illegalTag: "holds an illegal tag"
    case .invalidUTF8: "is not valid UTF-8"
    case .containsNUL: "contains a NUL character"
    case .tooDeep: "is nested too deeply"
    case .needsTooMuchMemory: "would take too much memory"
    case .malformed: "is malformed"
    }
  }
}

/// What a message may cost before it is refused.
package struct DecodingLimits: Sendable {
  /// Messages within messages.
  package var depth: Int
  /// Bytes of memory for each byte of the message, beside `memoryBytes`.
  package var memoryFactor: Int
  /// Bytes of memory that every message may take.
  package var memoryBytes: Int
  /// Most bytes of memory for one message.
  package var maximumMemoryBytes: Int

  /// Depth 100; 1 MiB and 64 bytes a byte, at most 64 MiB.
  package static let standard = DecodingLimits()

  package init(
    depth: Int = 100, memoryFactor: Int = 64, memoryBytes: Int = 1 << 20,
    maximumMemoryBytes: Int = 64 << 20
  ) {
    self.depth = depth
    self.memoryFactor = memoryFactor
    self.memoryBytes = memoryBytes
    self.maximumMemoryBytes = maximumMemoryBytes
  }

  /// Bytes of memory that a message of a size may take.
  func memory(forMessageOf size: Int) -> Int {
    let (scaled, overflow) = size.multipliedReportingOverflow(by: memoryFactor)
    return overflow ? maximumMemoryBytes : min(maximumMemoryBytes, scaled + memoryBytes)
  }
}
