package import APIBindings
package import GRPC

/// A domain value that a message carries.
package protocol MessageReadable {
  /// The message.
  associatedtype Message: APIMessage

  /// Checks and takes every field.
  init(reading message: Message) throws(InvalidField)

  /// What stands for a message that is absent; nil when it must be there.
  static var whenAbsent: Self? { get }
}

extension MessageReadable {
  package static var whenAbsent: Self? { nil }

  /// Reads the message of the field at `path`; throws INVALID_ARGUMENT naming what is wrong in it.
  package init(_ message: Message?, at path: String) throws(RPCError) {
    do throws(InvalidField) {
      self = try required(message, path)
    } catch {
      throw RPCError(error)
    }
  }
}

/// A domain enum that an enum of the interface carries.
package protocol WireEnum: CaseIterable, Sendable {
  /// The interface's enum.
  associatedtype Wire: APIEnum

  /// The value in the interface.
  var wire: Wire { get }

  /// The domain's value of an interface's; nil for one that is not given or not known.
  static func known(_ wire: Wire) -> Self?
}

extension WireEnum {
  package static func known(_ wire: Wire) -> Self? { allCases.first { $0.wire == wire } }

  /// Reads a value that must be given; throws INVALID_ARGUMENT naming the field.
  package init(_ wire: Wire, at path: String) throws(RPCError) {
    do throws(InvalidField) { self = try value(wire, path) } catch { throw RPCError(error) }
  }

  /// Reads a value that may be left out, which is nil; throws INVALID_ARGUMENT for one that this
  /// version does not know.
  package init?(filtering wire: Wire, at path: String) throws(RPCError) {
    if wire.rawValue == 0 { return nil }
    try self.init(wire, at: path)
  }
}

extension APIEnum {
  /// The interface's value of a domain value.
  package init<Value: WireEnum>(_ value: Value) where Value.Wire == Self { self = value.wire }
}

/// The value of an enum that must be given.
func value<Value: WireEnum>(_ wire: Value.Wire, _ field: String) throws(InvalidField) -> Value {
  guard let value = Value.known(wire) else {
    throw InvalidField(
      field, wire.rawValue == 0 ? "must be given" : "has the unknown value \(wire.rawValue)")
  }
  return value
}

/// The value of an enum that may be left out.
func value<Value: WireEnum>(
  _ wire: Value.Wire, orElse fallback: Value, _ field: String
) throws(InvalidField) -> Value {
  wire.rawValue == 0 ? fallback : try value(wire, field)
}

/// Reads a message field that must be there, or has a value when it is not.
func required<Value: MessageReadable>(
  _ message: Value.Message?, _ field: String
) throws(InvalidField) -> Value {
  guard let message else {
    if let value = Value.whenAbsent { return value }
    throw InvalidField(field, "must be given")
  }
  do throws(InvalidField) {
    return try Value(reading: message)
  } catch {
    throw error.within(field)
  }
}

/// Reads a message field that may be absent.
func optional<Value: MessageReadable>(
  _ message: Value.Message?, _ field: String
) throws(InvalidField) -> Value? {
  guard let message else { return nil }
  return try required(message, field)
}

/// Reads a list of at most `limit` messages.
func list<Value: MessageReadable>(
  _ messages: [Value.Message], _ field: String, limit: Int
) throws(InvalidField) -> [Value] {
  try checkCount(messages.count, field, limit)
  var values: [Value] = []
  values.reserveCapacity(messages.count)
  for (index, message) in messages.enumerated() {
    do throws(InvalidField) {
      values.append(try Value(reading: message))
    } catch {
      throw error.within("\(field)[\(index)]")
    }
  }
  return values
}
