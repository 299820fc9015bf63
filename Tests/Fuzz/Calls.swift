import HTTP1
import HTTP2

@testable import GRPC

/// Cuts a body into messages, wherever it is cut into pieces itself.
@Sendable func fuzzFraming(_ input: UnsafeRawBufferPointer) {
  guard let first = input.first else { return }
  let step = max(1, Int(first))
  var deframer = MessageDeframer(maxMessageBytes: 10_000)
  deframer.compression = first % 2 == 0 ? .gzip : .identity
  var rest = Array(input.dropFirst())[...]
  do throws(RPCError) {
    while !rest.isEmpty {
      let piece = Array(rest.prefix(step))
      try deframer.push(piece.span.bytes)
      rest = rest.dropFirst(step)
      while let frame = try deframer.next() { precondition(frame.bytes.count <= 10_000) }
      precondition(deframer.heldBytes >= 0)
    }
  } catch { precondition(!error.message.isEmpty) }
}

/// Reads the input as a body of gRPC-Web's text, wherever it is cut, and as a browser's headers.
@Sendable func fuzzWeb(_ input: UnsafeRawBufferPointer) {
  guard let first = input.first else { return }
  let text = Array(input.dropFirst())
  let pieces = decodeText(text, step: max(1, Int(first)))
  precondition(decodeText(text, step: max(1, text.count)) == pieces, "where it is cut matters")
  var deframer = MessageDeframer(maxMessageBytes: 10_000)
  if let pieces {
    do throws(RPCError) {
      try deframer.push(pieces.span.bytes)
      while try deframer.next() != nil {}
    } catch { precondition(!error.message.isEmpty) }
    let again = Base64.encode(pieces, isPadded: true)
    precondition(decodeText(again, step: Int(first) + 1) == pieces)
  }
  var origins = WebOrigins()
  let isOrigin = origins.allow(String(decoding: text, as: UTF8.self))
  precondition(!isOrigin || origins != WebOrigins())
  _ = origins.allow("https://a.example")
  if case .call(let request) = WebRequest.parse(fields(text), origins) {
    _ = RequestHead.parse(request.fields, router)
    let head = request.answer.head(request.fields)
    precondition(head.listBytes <= 2 * request.fields.listBytes + 1024)
  }
}

/// What a text stands for up to its last whole group; nil when it is not base64.
private func decodeText(_ text: [UInt8], step: Int) -> [UInt8]? {
  var (decoder, bytes, rest) = (Base64Stream(), [UInt8](), text[...])
  while !rest.isEmpty {
    let piece = Array(rest.prefix(step))
    guard let decoded = decoder.decode(piece.span.bytes) else { return nil }
    bytes += decoded
    rest = rest.dropFirst(step)
  }
  return bytes
}

/// Lines are fields: a name, which may begin with a colon, a colon, a value.
private func fields(_ bytes: [UInt8]) -> HeaderFields {
  var fields = HeaderFields()
  for line in bytes.split(separator: 0x0A) {
    let colon = line.dropFirst().firstIndex(of: 0x3A) ?? line.endIndex
    fields.append(
      String(decoding: line[..<colon], as: UTF8.self), bytes: Array(line[colon...].dropFirst()))
  }
  return fields
}

/// Unpacks what claims to be gzip; no answer is larger than its bound.
@Sendable func fuzzInflater(_ input: UnsafeRawBufferPointer) {
  do throws(RPCError) {
    let inflater = try Inflater()
    let bytes = try inflater.inflate(Array(input), limit: 100_000)
    precondition(bytes.count <= 100_000)
  } catch { precondition(!error.message.isEmpty) }
}

/// Reads the input as every kind of header that gRPC knows, and as a request's whole block.
@Sendable func fuzzHeaders(_ input: UnsafeRawBufferPointer) {
  let bytes = Array(input)
  if let duration = Timeout.parse(bytes) { precondition(duration >= .zero) }
  _ = PercentCoding.decode(bytes)
  let coded = PercentCoding.encode(String(decoding: bytes, as: UTF8.self))
  precondition(PercentCoding.decode(coded) == String(decoding: bytes, as: UTF8.self))
  if let decoded = Base64.decode(bytes) {
    precondition(Base64.decode(Base64.encode(decoded)) == decoded)
  }
  precondition(Base64.decode(Base64.encode(bytes)) == bytes)
  _ = TraceContext(header: String(decoding: bytes, as: UTF8.self))
  let fields = fields(bytes)
  _ = RequestHead.parse(fields, router)
  _ = StatusFields.error(in: fields)
  var state = ClientCallState()
  _ = state.receivedHeaders(fields)
}

private let router: Router = {
  var router = Router()
  router.register(
    MethodDescriptor(service: "a", name: "b", kind: .unary), .unary { _, _ in .message([]) })
  return router
}()

/// Reads the input as requests of HTTP/1.1.
@Sendable func fuzzHTTP1(_ input: UnsafeRawBufferPointer) {
  var parser = RequestParser()
  parser.append(input.bytes)
  do throws(HTTP1Refusal) {
    while try parser.next() != nil {}
  } catch { precondition((400...599).contains(error.status)) }
}
