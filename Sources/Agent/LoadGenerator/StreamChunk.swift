/// What one event of an answer says: text completions and chat completions alike.
package struct StreamChunk: Sendable, Hashable {
  /// It carries visible content.
  package var hasContent = false
  /// It carries reasoning content.
  package var hasReasoning = false
  /// A choice has ended.
  package var isFinished = false
  /// The engine reports an error in the stream.
  package var isError = false
  /// Tokens of the prompt, where the chunk carries usage.
  package var promptTokens: UInt32?
  /// Tokens of the answer, where the chunk carries usage.
  package var completionTokens: UInt32?

  /// Reads an event's data; nil when it is not a chunk in JSON.
  package init?(_ data: UnsafeRawBufferPointer) {
    var reader = JSONReader(data)
    var hasChoices = false
    do throws(JSONReader.Malformed) {
      try reader.object { (reader, key) throws(JSONReader.Malformed) in
        if key.isEqual("choices") {
          hasChoices = true
          try reader.array { reader throws(JSONReader.Malformed) in try readChoice(&reader) }
        } else if key.isEqual("usage"), reader.peek() == UInt8(ascii: "{") {
          try readUsage(&reader)
        } else if key.isEqual("error"), reader.peek() != UInt8(ascii: "n") {
          isError = true
          try reader.skip()
        } else {
          try reader.skip()
        }
      }
      try reader.end()
    } catch {
      return nil
    }
    guard hasChoices || isError || completionTokens != nil else { return nil }
  }

  private mutating func readChoice(_ reader: inout JSONReader) throws(JSONReader.Malformed) {
    try reader.object { (reader, key) throws(JSONReader.Malformed) in
      if key.isEqual("text") {
        if try Self.isFilled(&reader) { hasContent = true }
      } else if key.isEqual("delta"), reader.peek() == UInt8(ascii: "{") {
        try readDelta(&reader)
      } else if key.isEqual("finish_reason") {
        if try Self.isFilled(&reader) { isFinished = true }
      } else {
        try reader.skip()
      }
    }
  }

  private mutating func readDelta(_ reader: inout JSONReader) throws(JSONReader.Malformed) {
    try reader.object { (reader, key) throws(JSONReader.Malformed) in
      if key.isEqual("content") {
        if try Self.isFilled(&reader) { hasContent = true }
      } else if key.isEqual("reasoning_content") || key.isEqual("reasoning") {
        if try Self.isFilled(&reader) { hasReasoning = true }
      } else {
        try reader.skip()
      }
    }
  }

  private mutating func readUsage(_ reader: inout JSONReader) throws(JSONReader.Malformed) {
    try reader.object { (reader, key) throws(JSONReader.Malformed) in
      if key.isEqual("prompt_tokens") {
        promptTokens = try reader.count()
      } else if key.isEqual("completion_tokens") {
        completionTokens = try reader.count()
      } else {
        try reader.skip()
      }
    }
  }

  /// True for text that is not empty; `null` and anything else is none.
  private static func isFilled(_ reader: inout JSONReader) throws(JSONReader.Malformed) -> Bool {
    guard reader.peek() == UInt8(ascii: "\"") else {
      try reader.skip()
      return false
    }
    return try !reader.text().isEmpty
  }
}

extension UnsafeRawBufferPointer {
  func isEqual(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: count))
  }
}
