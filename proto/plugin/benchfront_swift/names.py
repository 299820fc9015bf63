"""Names: protobuf's, protobuf-c's and Swift's."""

import textwrap

# What the Swift names of a package's types and services begin with, where they do not say it
# anyway: Swift has one room for the names of all packages, and of its own.
PREFIXES = {
    "benchfront.v1": "",
    "google.protobuf": "Protobuf",
    "google.rpc": "RPC",
    "grpc.channelz.v1": "Channelz",
    "grpc.health.v1": "Health",
    "grpc.reflection.v1": "Reflection",
    "grpc.reflection.v1alpha": "ReflectionAlpha",
    "xds.data.orca.v3": "Orca",
    # In a module of its own.
    "grpc.testing": "",
}
# The one that everybody uses.
WELL_KNOWN = {"google.protobuf.Timestamp": "Timestamp"}

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


class NoPrefix(Exception):
    """Nobody has decided what the names of a package begin with."""


def swift_type(full_name):
    """`grpc.health.v1.HealthCheckResponse.ServingStatus` without its package."""
    if full_name in WELL_KNOWN:
        return WELL_KNOWN[full_name]
    # Packages are in lower case, types are not.
    parts = full_name.split(".")
    start = next(place for place, part in enumerate(parts) if part[:1].isupper())
    package = ".".join(parts[:start])
    if package not in PREFIXES:
        raise NoPrefix(f"the package {package} has no prefix in names.py")
    prefix = PREFIXES[package]
    outermost = parts[start] if prefix in parts[start] else prefix + parts[start]
    return ".".join([outermost, *parts[start + 1:]])


def file_stem(path):
    """What the Swift files of a .proto file begin with; the folders of others tell them apart."""
    stem = path.removesuffix(".proto")
    for own in ("benchfront/v1/", "google/protobuf/"):
        stem = stem.removeprefix(own)
    return stem.replace("/", ".")


def declared(swift, declaration):
    """A declaration of a type under its last name, within the type that it is nested in."""
    outer, dot, name = swift.rpartition(".")
    if not dot:
        return declaration(name)
    return f"extension {outer} {{\n{textwrap.indent(declaration(name), '  ')}}}\n"


def doc(text, indent=0):
    """A doc comment of the first paragraph, or nothing."""
    paragraph = text.strip("\n").split("\n\n", 1)[0]
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    return "".join(f"{' ' * indent}/// {line}\n" for line in lines)
