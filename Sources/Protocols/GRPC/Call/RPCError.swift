/// A call that did not end with OK.
///
/// It is one reference, since every call has room for one and few get it.
package struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  private struct Content: Equatable {
    var code: StatusCode
    var message: String
    var details: [UInt8]?
    var metadata: Metadata
    var retryAfter: Duration?
    var forbidsRetry = false
  }

  // @unchecked: it is written only by who has the one reference to it.
  private final class Box: @unchecked Sendable {
    var content: Content

    init(_ content: Content) { self.content = content }
  }

  private var box: Box

  package init(
    _ code: StatusCode, _ message: String, details: [UInt8]? = nil,
    metadata: Metadata = Metadata(), retryAfter: Duration? = nil
  ) {
    box = Box(
      Content(
        code: code, message: message, details: details, metadata: metadata,
        retryAfter: retryAfter))
  }

  package var code: StatusCode {
    get { box.content.code }
    set { change { $0.code = newValue } }
  }

  package var message: String {
    get { box.content.message }
    set { change { $0.message = newValue } }
  }

  /// A serialized `google.rpc.Status`, sent as `grpc-status-details-bin`.
  package var details: [UInt8]? {
    get { box.content.details }
    set { change { $0.details = newValue } }
  }

  /// Trailing metadata that goes with the status.
  package var metadata: Metadata {
    get { box.content.metadata }
    set { change { $0.metadata = newValue } }
  }

  /// When the client may try again, sent as `grpc-retry-pushback-ms`; nil when nothing is known.
  package var retryAfter: Duration? {
    get { box.content.retryAfter }
    set { change { $0.retryAfter = newValue } }
  }

  /// Whether the server asks not to try again: a `grpc-retry-pushback-ms` below 0.
  package var forbidsRetry: Bool {
    get { box.content.forbidsRetry }
    set { change { $0.forbidsRetry = newValue } }
  }

  private mutating func change(_ body: (inout Content) -> Void) {
    if !isKnownUniquelyReferenced(&box) { box = Box(box.content) }
    body(&box.content)
  }

  package var description: String { "\(code): \(message)" }

  package static func == (left: RPCError, right: RPCError) -> Bool {
    left.box === right.box || left.box.content == right.box.content
  }
}
