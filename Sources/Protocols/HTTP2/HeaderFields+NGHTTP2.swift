import CNghttp2

extension HeaderFields {
  /// Calls `body` with the list as nghttp2 wants it; nghttp2 copies what it keeps.
  func withNameValues<Result>(
    _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { text in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, count)) { list in
        guard let base = text.baseAddress else { return body(nil, 0) }
        let start = UnsafeMutablePointer(mutating: base)
        for index in 0..<count {
          let (name, value) = ranges(at: index)
          list[index] = nghttp2_nv(
            name: start + name.lowerBound, value: start + value.lowerBound,
            namelen: name.count, valuelen: value.count, flags: 0)
        }
        return body(list.baseAddress, count)
      }
    }
  }
}
