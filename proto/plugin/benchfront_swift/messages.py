"""A message: the owned value, its view, and the way into and out of protobuf-c's struct."""

from .names import c_prefix, c_type, declared, doc
from .schema import OneOf


def message(schema, m):
    return "\n".join([value(m), *(one_of(m, o) for o in m.members if isinstance(o, OneOf)), view(m)])


def value_type(member):
    if isinstance(member, OneOf):
        return f"{member.type}?"
    if member.repeated:
        return f"[{member.type}]"
    return f"{member.type}?" if member.kind == "message" else member.type


def value_zero(member):
    if isinstance(member, OneOf):
        return "nil"
    return "[]" if member.repeated else member.zero


def value(m):
    c = c_type(m.full_name)
    properties = "".join(
        f"{doc(x.comment, 2)}  package var {x.name}: {value_type(x)}\n" for x in m.members)
    parameters = ", ".join(f"{x.name}: {value_type(x)} = {value_zero(x)}" for x in m.members)
    assignments = "".join(f"    self.{x.name} = {x.name}\n" for x in m.members)
    copies = "".join(f"    self.{x.name} = {copied(x)}\n" for x in m.members)
    stores = "".join(stored(x) for x in m.members)
    reads_c = any(not isinstance(x, OneOf) and needs_c(x) for x in m.members)
    view_c = "    let c = view.c\n" if reads_c else ""
    return declared(m.swift, lambda name: f"""\
{doc(m.comment)}package struct {name}: APIMessage {{
{properties}
  package init({parameters}) {{
{assignments}  }}

  package init(_ view: View) {{
{view_c}{copies}  }}

  package static let type = MessageType(
    name: "{m.full_name}", {c}.self, {c_prefix(m.full_name)}__init)

  package func store(in arena: Arena) -> StoredMessage {{
    let c = arena.allocate({c}.self)
    {c_prefix(m.full_name)}__init(c)
{stores}    return StoredMessage(arena, c)
  }}
}}
""")


def needs_c(field):
    return not field.repeated and field.kind in ("scalar", "bool", "enum", "string", "bytes")


def single(field, c="c"):
    """A scalar, bool or enum read from the C struct."""
    place = f"{c}.pointee.{field.c_name}"
    if field.kind == "bool":
        return f"{place} != 0"
    if field.kind == "enum":
        return f"{field.type}(rawValue: Int32(bitPattern: {place}.rawValue))"
    return place


def copied(member):
    """The owned value of a member of `view`."""
    name = f"view.{member.name}"
    if isinstance(member, OneOf):
        return f"{name}.map {{ {member.type}($0) }}"
    if member.repeated:
        return {
            "string": f"{name}.map(\\.string)",
            "bytes": f"{name}.map(\\.bytes)",
            "message": f"{name}.map {{ {member.type}($0) }}",
        }.get(member.kind, f"Array({name})")
    if member.kind == "message":
        return f"{name}.map {{ {member.type}($0) }}"
    if member.kind in ("string", "bytes"):
        return f"copied(c.pointee.{member.c_name})"
    return single(member)


def stored(member):
    """Statements that fill the C struct."""
    if isinstance(member, OneOf):
        cases = "".join(
            f"    case .{f.name}(let value):\n"
            f"      c.pointee.{member.c_name} = .init(rawValue: {f.number})\n"
            f"      c.pointee.{f.c_name} = {stored_single(f, 'value')}\n"
            for f in member.fields)
        return f"    switch self.{member.name} {{\n    case nil: break\n{cases}    }}\n"
    place = f"c.pointee.{member.c_name}"
    if member.repeated:
        return (f"    c.pointee.n_{member.c_name} = self.{member.name}.count\n"
                f"    {place} = arena.store(list: self.{member.name})\n")
    return f"    {place} = {stored_single(member, 'self.' + member.name)}\n"


def stored_single(field, name):
    return {
        "scalar": name,
        "bool": f"{name} ? 1 : 0",
        "enum": f".init(rawValue: UInt32(bitPattern: {name}.rawValue))",
    }.get(field.kind, f"arena.store({name})")


def one_of(m, o):
    cases = "".join(f"{doc(f.comment, 4)}    case {f.name}({f.type})\n" for f in o.fields)
    copies = "".join(
        f"      case .{f.name}(let value): .{f.name}({owned(f)})\n" for f in o.fields)
    return f"""\
extension {m.swift} {{
{doc(o.comment, 2)}  package enum {o.type}: Sendable, Equatable {{
{cases}
    package init(_ view: View.{o.type}) {{
      self = switch view {{
{copies}      }}
    }}
  }}
}}
"""


def owned(field):
    return {
        "string": "value.string",
        "bytes": "value.bytes",
        "message": f"{field.type}(value)",
    }.get(field.kind, "value")


def view(m):
    accessors = "".join(
        one_of_accessor(x) if isinstance(x, OneOf) else accessor(x) for x in m.members)
    enums = "".join(view_one_of(x) for x in m.members if isinstance(x, OneOf))
    c = c_type(m.full_name)
    return f"""\
extension {m.swift} {{
  /// `{m.swift}`, read in place.
  package struct View: MessageView {{
    package typealias Owned = {m.swift}
    package let stored: StoredMessage

    package init(_ stored: StoredMessage) {{ self.stored = stored }}

    fileprivate var c: UnsafePointer<{c}> {{ stored.struct({c}.self) }}
{accessors}{enums}  }}
}}
"""


def accessor(field):
    comment = doc(field.comment, 4)
    place = f"c.pointee.{field.c_name}"
    if field.repeated:
        kind = f"RepeatedView<{field.view}>"
        body = f"stored.list({place}, count: c.pointee.n_{field.c_name})"
    elif field.kind == "message":
        kind, body = f"{field.view}?", f"stored.message({place})"
    else:
        kind, body = field.view, view_single(field)
    return f"\n{comment}    package var {field.name}: {kind} {{ {body} }}\n"


def view_single(field):
    place = f"c.pointee.{field.c_name}"
    if field.kind in ("string", "bytes"):
        return f"stored.{field.kind}({place})"
    return single(field)


def one_of_accessor(o):
    cases = "".join(one_of_case(f) for f in o.fields)
    return f"""
{doc(o.comment, 4)}    package var {o.name}: {o.type}? {{
      switch c.pointee.{o.c_name}.rawValue {{
{cases}      default: nil
      }}
    }}
"""


def one_of_case(field):
    if field.kind == "message":
        return (f"      case {field.number}: "
                f"stored.message(c.pointee.{field.c_name}).map {{ .{field.name}($0) }}\n")
    return f"      case {field.number}: .{field.name}({view_single(field)})\n"


def view_one_of(o):
    cases = "".join(f"{doc(f.comment, 6)}      case {f.name}({f.view})\n" for f in o.fields)
    return f"""
{doc(o.comment, 4)}    package enum {o.type}: Sendable {{
{cases}    }}
"""
