"""Names: protobuf's, protobuf-c's and Swift's."""

# The types outside our package; none may hide one of Swift's.
WELL_KNOWN = {
    "google.protobuf.Timestamp": "Timestamp",
    "google.protobuf.Duration": "ProtobufDuration",
}

KEYWORDS = frozenset(
    "as associatedtype break case catch class continue default defer deinit do else enum extension "
    "fallthrough false for func guard if import in init inout internal is let nil operator package "
    "private protocol public repeat return self static struct subscript super switch throw throws "
    "true try typealias var where while".split()
)


def lower_camel(snake):
    head, *rest = snake.lower().split("_")
    name = head + "".join(part.capitalize() for part in rest)
    return f"`{name}`" if name in KEYWORDS else name


def upper_camel(snake):
    return "".join(part[:1].upper() + part[1:] for part in snake.split("_"))


def first_lower(name):
    return name[:1].lower() + name[1:]


def enum_case(enum_name, value_name):
    """`MODEL_KIND_SELF_HOSTED` of `ModelKind` becomes `selfHosted`."""
    prefix = camel_to_lower(enum_name).upper() + "_"
    short = value_name.removeprefix(prefix)
    return lower_camel(short if not short[:1].isdigit() else value_name)


def camel_to_lower(name):
    """protobuf-c's CamelToLower: an underscore where a capital follows a small letter."""
    out, was_upper = "", True
    for character in name:
        if character.isupper() and not was_upper:
            out += "_"
        out += character.lower()
        was_upper = character.isupper()
    return out


def c_type(full_name):
    return "__".join(upper_camel(part) for part in full_name.split("."))


def c_prefix(full_name):
    return "__".join(camel_to_lower(part) for part in full_name.split("."))


def swift_type(full_name):
    return WELL_KNOWN.get(full_name, full_name.rsplit(".", 1)[-1])


def doc(text, indent=0):
    """A doc comment of the first paragraph, or nothing."""
    paragraph = text.strip("\n").split("\n\n", 1)[0]
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    return "".join(f"{' ' * indent}/// {line}\n" for line in lines)
