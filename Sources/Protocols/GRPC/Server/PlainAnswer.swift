import HTTP2

/// What a client gets that does not speak gRPC.
struct PlainAnswer {
  let fields: HeaderFields
  let text: String

  static let wrongMethod = PlainAnswer("405", "gRPC calls are made by POST.\n", ["allow": "POST"])
  static let wrongContentType = PlainAnswer(
    "415", "This server speaks gRPC: the content type is application/grpc.\n", [:])

  private init(_ status: String, _ text: String, _ more: KeyValuePairs<String, String>) {
    var fields = HeaderFields([
      ":status": status, "content-type": "text/plain", "content-length": String(text.utf8.count),
    ])
    fields.append(contentsOf: HeaderFields(more))
    self.fields = fields
    self.text = text
  }
}
