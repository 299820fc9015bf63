import CNghttp2

extension HeaderFields {
  /// Calls `body` with the list as nghttp2 wants it; nghttp2 copies what it keeps.
  func withNameValues<Result>(
    _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, count)) { list in
      withBlock { block in
        Self.layOut(block, count, flags: 0, at: list.baseAddress)
        return body(list.baseAddress, count)
      }
    }
  }

  /// Writes where the fields of a block lie to `list`, which has room for them.
  static func layOut(
    _ block: UnsafeRawBufferPointer, _ count: Int, flags: UInt32,
    at list: UnsafeMutablePointer<nghttp2_nv>?
  ) {
    var next = list
    visit(block, count) { name, value in
      next?.initialize(
        to: nghttp2_nv(
          name: mutable(name), value: mutable(value), namelen: name.count, valuelen: value.count,
          flags: UInt8(flags)))
      next = next.map { $0 + 1 }
    }
  }

  /// nghttp2 writes to none of it.
  private static func mutable(_ text: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
    UnsafeMutablePointer(mutating: text.assumingMemoryBound(to: UInt8.self).baseAddress)
  }
}

/// A list of header fields that many streams send, laid out once as nghttp2 wants it.
///
/// Its memory is never freed, so that nghttp2 need not copy it: make them for constants only.
// @unchecked: the list is written here only, before anybody has it.
package final class HeaderBlock: @unchecked Sendable {
  package let fields: HeaderFields
  let list: UnsafePointer<nghttp2_nv>
  let count: Int

  package init(_ fields: HeaderFields) {
    self.fields = fields
    count = fields.count
    list = fields.withBlock { source in
      let block = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(1, source.count), alignment: 1)
      block.copyMemory(from: source)
      let list = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: max(1, fields.count))
      HeaderFields.layOut(
        UnsafeRawBufferPointer(block), fields.count,
        flags: NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue,
        at: list)
      return UnsafePointer(list)
    }
  }
}
