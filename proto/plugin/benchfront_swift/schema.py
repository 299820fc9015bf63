"""What a .proto file says, in the terms in which Swift is written."""

from dataclasses import dataclass, field

from google.protobuf import descriptor_pb2

from . import names

FIELD = descriptor_pb2.FieldDescriptorProto

# Protobuf's scalars in Swift. Those that C spells the same need no conversion.
SCALARS = {
    FIELD.TYPE_DOUBLE: "Double",
    FIELD.TYPE_FLOAT: "Float",
    FIELD.TYPE_INT64: "Int64",
    FIELD.TYPE_SFIXED64: "Int64",
    FIELD.TYPE_SINT64: "Int64",
    FIELD.TYPE_UINT64: "UInt64",
    FIELD.TYPE_FIXED64: "UInt64",
    FIELD.TYPE_INT32: "Int32",
    FIELD.TYPE_SFIXED32: "Int32",
    FIELD.TYPE_SINT32: "Int32",
    FIELD.TYPE_UINT32: "UInt32",
    FIELD.TYPE_FIXED32: "UInt32",
    FIELD.TYPE_BOOL: "Bool",
}
KINDS = {
    FIELD.TYPE_BOOL: "bool",
    FIELD.TYPE_STRING: "string",
    FIELD.TYPE_BYTES: "bytes",
    FIELD.TYPE_ENUM: "enum",
    FIELD.TYPE_MESSAGE: "message",
}


# What options extend; it is imported for that and never generated.
OPTIONS = "google/protobuf/descriptor.proto"


class Unsupported(Exception):
    """The .proto uses something that the bindings do not do."""


@dataclass
class Field:
    number: int
    name: str  # in Swift
    c_name: str
    kind: str  # scalar, bool, string, bytes, enum or message
    type: str  # of the owned value's element, in Swift
    view: str  # of the view's element, in Swift
    repeated: bool
    zero: str  # the default of a single value
    comment: str


@dataclass
class OneOf:
    name: str
    type: str
    c_name: str
    comment: str
    fields: list = field(default_factory=list)


@dataclass
class Message:
    full_name: str
    swift: str
    comment: str
    members: list  # Field and OneOf, in the order of the file
    is_entry: bool  # of a map, which protobuf-c has as a list


@dataclass
class Enum:
    swift: str
    comment: str
    values: list  # (number, case, comment)


@dataclass
class File:
    proto: object
    comments: dict
    enums: list = field(default_factory=list)
    messages: list = field(default_factory=list)


@dataclass
class Scope:
    """Where declarations stand: in a file, or in a message of it."""

    file: File
    name: str  # the package or the message's full name
    message_path: tuple  # where protoc's comments have the messages and enums in it
    enum_path: tuple

    def within(self, index, message):
        path = (*self.message_path, index)
        return Scope(self.file, f"{self.name}.{message.name}", (*path, 3), (*path, 4))

    @property
    def path(self):
        """Of the message itself."""
        return self.message_path[:-1]


class Schema:
    """All files of a request; refuses what has no meaning here."""

    def __init__(self, protos):
        self.zeros = {}
        self.files = [self.file(proto) for proto in protos if proto.name != OPTIONS]

    def file(self, proto):
        if proto.syntax != "proto3":
            raise Unsupported(f"{proto.name}: only proto3 is supported")
        comments = {
            tuple(location.path): location.leading_comments
            for location in proto.source_code_info.location
        }
        file = File(proto, comments)
        scope = Scope(file, proto.package, (4,), (5,))
        # Enums first: a message needs the name of its enums' zero.
        self.enums(scope, proto.enum_type, proto.message_type)
        self.messages(scope, proto.message_type)
        return file

    def enums(self, scope, enums, messages):
        """The enums of a scope and of the messages in it."""
        for index, enum in enumerate(enums):
            parsed = self.enum(scope, index, enum)
            scope.file.enums.append(parsed)
            self.zeros[f".{scope.name}.{enum.name}"] = parsed.values[0][1]
        for index, message in enumerate(messages):
            self.enums(scope.within(index, message), message.enum_type, message.nested_type)

    def messages(self, scope, messages):
        """The messages of a scope, and behind each those in it."""
        for index, message in enumerate(messages):
            inner = scope.within(index, message)
            scope.file.messages.append(self.message(inner, message))
            self.messages(inner, message.nested_type)

    def enum(self, scope, index, enum):
        path = (*scope.enum_path, index)
        values = [
            (
                value.number,
                names.enum_case(enum.name, value.name),
                scope.file.comments.get((*path, 2, place), ""),
            )
            for place, value in enumerate(enum.value)
        ]
        return Enum(names.swift_type(f"{scope.name}.{enum.name}"),
                    scope.file.comments.get(path, ""), values)

    def message(self, scope, message):
        comments, path = scope.file.comments, scope.path
        members, oneofs = [], {}
        for place, proto in enumerate(message.field):
            comment = comments.get((*path, 2, place), "")
            parsed = self.field(message, proto, comment)
            if not proto.HasField("oneof_index"):
                members.append(parsed)
                continue
            if proto.oneof_index not in oneofs:
                name = message.oneof_decl[proto.oneof_index].name
                comment = comments.get((*path, 8, proto.oneof_index), "")
                oneofs[proto.oneof_index] = OneOf(
                    names.lower_camel(name), names.upper_camel(name),
                    names.camel_to_lower(name) + "_case", comment)
                members.append(oneofs[proto.oneof_index])
            oneofs[proto.oneof_index].fields.append(parsed)
        return Message(scope.name, names.swift_type(scope.name), comments.get(path, ""), members,
                       message.options.map_entry)

    def field(self, message, proto, comment):
        if proto.proto3_optional or proto.type == FIELD.TYPE_GROUP:
            raise Unsupported(f"{message.name}.{proto.name}: protobuf-c has no such field")
        kind = KINDS.get(proto.type, "scalar")
        swift = view = SCALARS.get(proto.type)
        zero = "false" if kind == "bool" else "0"
        if kind == "string":
            swift, view, zero = "String", "StringView", '""'
        elif kind == "bytes":
            swift, view, zero = "[UInt8]", "BytesView", "[]"
        elif kind == "enum":
            swift = view = names.swift_type(proto.type_name[1:])
            zero = "." + self.zeros[proto.type_name]
        elif kind == "message":
            swift, zero = names.swift_type(proto.type_name[1:]), "nil"
            view = swift + ".View"
        return Field(proto.number, names.lower_camel(proto.name), proto.name.lower(), kind, swift,
                     view, proto.label == FIELD.LABEL_REPEATED, zero, comment)
