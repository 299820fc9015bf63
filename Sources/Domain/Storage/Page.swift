/// Asks for one page of a list.
package struct PageRequest: Sendable, Hashable {
  /// Most items, 1 to 1,000.
  package var size: Int
  /// Token of the page before; empty for the first. Tokens of another question are refused.
  package var token: String

  /// Makes a request.
  package init(size: Int = 100, token: String = "") {
    self.size = size
    self.token = token
  }
}

/// One page of a list.
package struct Page<Item: Sendable>: Sendable {
  /// The items.
  package var items: [Item]
  /// Token of the next page; empty on the last.
  package var nextToken: String

  /// Makes a page.
  package init(items: [Item], nextToken: String) {
    self.items = items
    self.nextToken = nextToken
  }
}
