"""A service: what a server implements, its method table, its registration, and the client."""

from google.protobuf import descriptor_pb2, unknown_fields

from . import names
from .names import doc, first_lower

KINDS = {
    (False, False): "unary",
    (True, False): "clientStreaming",
    (False, True): "serverStreaming",
    (True, True): "bidirectionalStreaming",
}
NO_EFFECT = descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS
# The number of benchfront.v1.required_role among the options of methods.
REQUIRED_ROLE = 50051
IDEMPOTENT = descriptor_pb2.MethodOptions.IDEMPOTENT


def service(schema, file, index):
    proto = file.proto.service[index]
    methods = [
        Method(m, file.comments.get((6, index, 2, place), ""))
        for place, m in enumerate(proto.method)
    ]
    comment = file.comments.get((6, index), "")
    full_name = f"{file.proto.package}.{proto.name}"
    swift = names.swift_type(full_name)
    return "\n".join([
        provider(swift, comment, methods),
        table(swift, full_name, methods),
        registration(swift, methods),
        client(swift, comment, methods),
    ])


class Method:
    def __init__(self, proto, comment):
        self.proto_name, self.comment = proto.name, comment
        self.name = first_lower(proto.name)
        self.kind = KINDS[proto.client_streaming, proto.server_streaming]
        self.request = names.swift_type(proto.input_type[1:])
        self.response = names.swift_type(proto.output_type[1:])
        self.idempotent = proto.options.idempotency_level in (NO_EFFECT, IDEMPOTENT)
        self.role = required_role(proto.options)


def required_role(options):
    """The number of the role that a method declares, 0 when it declares none."""
    for field in unknown_fields.UnknownFieldSet(options):
        if field.field_number == REQUIRED_ROLE:
            return field.data
    return 0


def provider(name, comment, methods):
    return (f"{doc(comment)}package protocol {name}Provider: Sendable {{\n"
            + "\n".join(doc(m.comment, 2) + requirement(m) for m in methods) + "}\n")


def requirement(m):
    start = f"  func {m.name}(\n"
    return start + {
        "unary": f"    _ request: {m.request}.View, _ context: ServerContext\n"
                 f"  ) throws -> Reply<{m.response}>\n",
        "clientStreaming": f"    _ requests: RequestStream<{m.request}>\n"
                           f"  ) async throws -> {m.response}\n",
        "serverStreaming": f"    _ request: {m.request}.View, "
                           f"_ responses: ResponseStream<{m.response}>\n  ) async throws\n",
        "bidirectionalStreaming": f"    _ requests: RequestStream<{m.request}>, "
                                  f"_ responses: ResponseStream<{m.response}>\n"
                                  "  ) async throws\n",
    }[m.kind]


def table(name, full_name, methods):
    rows = "".join(
        f"{doc(m.comment, 2)}  package static let {m.name} = MethodDescriptor(\n"
        f'    service: "{full_name}", name: "{m.proto_name}", kind: .{m.kind},\n'
        f"    isIdempotent: {'true' if m.idempotent else 'false'}, "
        f"access: AccessRole(rawValue: {m.role}))\n" for m in methods)
    everything = ", ".join(m.name for m in methods)
    return (f"/// The methods of `{full_name}`.\npackage enum {name}Methods {{\n{rows}\n"
            f"  package static let all: [MethodDescriptor] = [{everything}]\n}}\n")


def registration(name, methods):
    lines = "".join(
        f"    serve({name}Methods.{m.name}, {m.kind}: {{ {closure(m)} }})\n" for m in methods)
    return (f"extension Router {{\n  /// Routes every method of {name} to a provider.\n"
            f"  package mutating func register({first_lower(name)} provider: "
            f"some {name}Provider) {{\n{lines}  }}\n}}\n")


def closure(m):
    return {
        "unary": f"try provider.{m.name}($0, $1)",
        "clientStreaming": f"try await provider.{m.name}($0)",
        "serverStreaming": f"try await provider.{m.name}($0, $1)",
        "bidirectionalStreaming": f"try await provider.{m.name}($0, $1)",
    }[m.kind]


def client(name, comment, methods):
    calls = "\n".join(doc(m.comment, 2) + call(name, m) for m in methods)
    return f"""\
{doc(comment)}package struct {name}Client: Sendable {{
  /// The channel that carries the calls.
  package let channel: ClientChannel

  package init(_ channel: ClientChannel) {{ self.channel = channel }}

{calls}}}
"""


def call(name, m):
    method = f"{name}Methods.{m.name}"
    request = f"_ request: {m.request}, "
    parameters, result, body = {
        "unary": (request, m.response, f"channel.call({method}, request, options)"),
        "serverStreaming": (request, f"ResponseReader<{m.response}>",
                            f"channel.read({method}, request, options)"),
        "clientStreaming": ("", f"ClientUpload<{m.request}, {m.response}>",
                            f"ClientUpload(channel.stream({method}, options: options))"),
        "bidirectionalStreaming": ("", f"ClientCall<{m.request}, {m.response}>",
                                   f"ClientCall(channel.stream({method}, options: options))"),
    }[m.kind]
    return (f"  package func {m.name}(\n    {parameters}options: CallOptions = .init()\n"
            f"  ) async throws -> {result} {{\n    try await {body}\n  }}\n")
