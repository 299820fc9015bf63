"""Open enums: a number that the .proto does not name is kept."""

from .names import declared, doc


def enum(e):
    cases = "".join(f"{doc(comment, 2)}  case {case}\n" for _, case, comment in e.values)
    reads = "".join(f"    case {number}: .{case}\n" for number, case, _ in e.values)
    writes = "".join(f"    case .{case}: {number}\n" for number, case, _ in e.values)
    known = ", ".join(f".{case}" for _, case, _ in e.values)
    return declared(e.swift, lambda name: f"""\
{doc(e.comment)}package enum {name}: APIEnum {{
{cases}  /// A number that this version does not know.
  case unrecognized(Int32)

  package init(rawValue: Int32) {{
    self = switch rawValue {{
{reads}    default: .unrecognized(rawValue)
    }}
  }}

  package var rawValue: Int32 {{
    switch self {{
{writes}    case .unrecognized(let number): number
    }}
  }}

  package static let known: [{e.swift}] = [{known}]
}}
""")
