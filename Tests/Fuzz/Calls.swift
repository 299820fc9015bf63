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
  var fields = HeaderFields()
  // Lines of the input are fields: a name, a colon, a value.
  for line in bytes.split(separator: 0x0A) {
    let parts = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
    fields.append(String(decoding: parts[0], as: UTF8.self), bytes: parts.count > 1 ? parts[1] : [])
  }
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
