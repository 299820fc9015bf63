extension PostgresError {
  /// What libpq says, at its most verbose, of a connection that did not come about or broke: the
  /// SQLSTATE that stands in it is taken out, and so is the place in the server's source.
  init(connecting text: String) {
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
    var message = lines.joined(separator: "\n").oneLine
    var state = ""
    if let place = Self.state(in: message) {
      state = String(message[place].prefix(5))
      message.removeSubrange(place)
    }
    self.init(.connection, message.isEmpty ? "the connection broke" : message)
    refusalState = state
  }

  /// Where a SQLSTATE stands, as `SEVERITY:  STATE: message` has it, with what sets it off.
  private static func state(in message: String) -> Range<String.Index>? {
    var rest = message[...]
    while let colon = rest.firstIndex(of: ":") {
      rest = rest[message.index(after: colon)...]
      guard rest.hasPrefix("  ") else { continue }
      let state = rest.dropFirst(2).prefix(5)
      let isState = state.count == 5 && state.allSatisfy { "0"..."9" ~= $0 || "A"..."Z" ~= $0 }
      let behind = message[state.endIndex...].prefix(2)
      if isState, behind == ": " { return state.startIndex..<behind.endIndex }
    }
    return nil
  }
}
