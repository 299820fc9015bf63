import APIBindings
package import BenchmarkDomain
package import GRPC

/// A field of a message that cannot become a domain value.
package struct InvalidField: Error, Equatable, Sendable {
  /// Path in the .proto's names, e.g. "matrix.workloads[0].concurrency[2]".
  package var path: String
  /// Goes on from the field's name, e.g. "must not be empty".
  package let reason: String

  /// Names a field of the message at hand.
  package init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The same field, seen from the message that holds this one at `field`.
  func within(_ field: String) -> InvalidField {
    InvalidField(
      field.isEmpty ? path : path.isEmpty ? field : "\(field).\(path)", reason)
  }
}

extension RPCError {
  /// INVALID_ARGUMENT: the one place where an invalid field becomes a status.
  package init(_ error: InvalidField) {
    self = .invalidArgument(field: error.path, reason: error.reason)
  }

  /// INVALID_ARGUMENT for a matrix that the domain refuses; `path` is the field that holds it.
  package init(_ error: MatrixError, at path: String) {
    // The domain speaks of a matrix as its YAML does; the interface has other names for lists.
    let names = [
      "models": "model_ids", "hardware": "hardware_ids", "engines": "engine_ids",
      "quantizations": "quantization_ids",
    ]
    let parts = error.field.split(separator: ".").map { part in
      let name = part.prefix { $0 != "[" }
      return (names[String(name)] ?? String(name)) + part.dropFirst(name.count)
    }
    let field = parts.joined(separator: ".")
    self.init(InvalidField(field == path ? "" : field, "is refused: \(error.message)").within(path))
  }
}
