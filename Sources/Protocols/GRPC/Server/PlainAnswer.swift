import HTTP2

/// What a client gets whose request is no call, so that there is no status to send.
struct PlainAnswer {
  let fields: HeaderFields
  let text: String

  static let wrongMethod = PlainAnswer("405", "gRPC calls are made by POST.\n", ["allow": "POST"])
  static let wrongContentType = PlainAnswer(
    "415",
    "This server speaks gRPC: the content type is application/grpc or application/grpc+proto.\n",
    [:])

  /// An origin whose pages may not call asks or calls.
  static let foreignOrigin = PlainAnswer(
    "403", "This server does not let pages of this origin call.\n", ["vary": "origin"])
  /// The body is compressed as a whole, which browsers never do by themselves.
  static let encodedBody = PlainAnswer(
    "415", "This server takes bodies without a content-encoding.\n",
    ["accept-encoding": "identity"])

  private init(_ status: String, _ text: String, _ more: KeyValuePairs<String, String>) {
    var fields = HeaderFields([
      ":status": status, "content-type": "text/plain", "content-length": String(text.utf8.count),
    ])
    fields.append(contentsOf: HeaderFields(more))
    self.fields = fields
    self.text = text
  }

  private init(fields: HeaderFields, text: String) {
    self.fields = fields
    self.text = text
  }

  /// The same answer with more fields.
  func adding(_ more: HeaderFields) -> PlainAnswer {
    var fields = fields
    fields.append(contentsOf: more)
    return PlainAnswer(fields: fields, text: text)
  }
}
