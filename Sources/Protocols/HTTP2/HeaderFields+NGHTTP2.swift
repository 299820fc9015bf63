import CNghttp2

extension HeaderFields {
  /// Calls `body` with the list as nghttp2 wants it; nghttp2 copies what it keeps.
  func withNameValues<Result>(
    _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, count)) { list in
      withText { text, ends in
        guard let base = text.baseAddress else { return body(nil, 0) }
        let start = UnsafeMutablePointer(mutating: base)
        var nameStart = 0
        for (index, end) in ends.enumerated() {
          list.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: start + nameStart, value: start + end.name, namelen: end.name - nameStart,
              valuelen: end.value - end.name, flags: 0))
          nameStart = end.value
        }
        return body(list.baseAddress, ends.count)
      }
    }
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
    list = fields.withText { source, ends in
      let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, source.count))
      _ = text.initialize(fromContentsOf: source)
      let list = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: max(1, ends.count))
      let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
      var nameStart = 0
      for (index, end) in ends.enumerated() {
        // Within `text`, whose end is the last field's end.
        let start = text.baseAddress.map { ($0 + nameStart, $0 + end.name) }
        (list + index).initialize(
          to: nghttp2_nv(
            name: start?.0, value: start?.1, namelen: end.name - nameStart,
            valuelen: end.value - end.name, flags: UInt8(flags)))
        nameStart = end.value
      }
      return UnsafePointer(list)
    }
  }
}
