import APIBindings
import GRPC

/// A field of a request that the server refused, in the interface's words and in the user's.
struct RequestField: Equatable {
  /// The field in the .proto's names, e.g. "criteria[1].weight".
  let path: String
  /// Goes on from the field's name, or is a sentence of its own.
  let reason: String

  /// Reads the first field that an INVALID_ARGUMENT's details name; nil when they name none.
  init?(refusedBy error: RPCError) {
    guard error.code == .invalidArgument,
      let violation = error.detail(RPCBadRequest.self)?.fieldViolations.first,
      !violation.field.isEmpty
    else { return nil }
    (path, reason) = (violation.field, violation.description)
  }

  /// The sentence with the name that the user gave the field.
  var sentence: String { sentence(naming: name) }

  /// The sentence with a name; without one the reason stands alone.
  func sentence(naming name: String?) -> String {
    if let plain = plainReason { return name.map { "\($0): \(plain)" } ?? plain }
    guard let name else { return "the value \(reason)" }
    return "\(name) \(reason)"
  }

  /// The reason where it is a sentence of its own; nil where it goes on from a name.
  private var plainReason: String? {
    if reason.hasPrefix("is refused: ") { return String(reason.dropFirst("is refused: ".count)) }
    let continues = ["must ", "names ", "has ", "is ", "does "]
    return continues.contains(where: reason.hasPrefix) ? nil : reason
  }

  /// What the user wrote there: the flag, or the last part of the path in words.
  var name: String {
    var path = Self.withoutIndices(path)
    while true {
      if let words = Self.words[path] { return words }
      guard let dot = path.lastIndex(of: ".") else { break }
      path = String(path[..<dot])
    }
    let last = Self.withoutIndices(self.path).split(separator: ".").last ?? "value"
    return "the " + String(last.map { $0 == "_" ? " " : $0 })
  }

  /// The field as a matrix file names it, e.g. "models[0]"; nil for one that is not in a matrix.
  var matrixKey: String? {
    guard path.hasPrefix("matrix.") || path == "matrix" else { return nil }
    let keys = [
      "model_ids": "models", "hardware_ids": "hardware", "engine_ids": "engines",
      "quantization_ids": "quantizations",
    ]
    return path.split(separator: ".").dropFirst().map { part in
      let name = part.prefix { $0 != "[" }
      return (keys[String(name)] ?? String(name)) + part.dropFirst(name.count)
    }.joined(separator: ".")
  }

  /// The reason with the field's key where it needs one, for a message that says where it stands.
  var matrixReason: String {
    plainReason
      ?? "\(Self.withoutIndices(matrixKey ?? path).split(separator: ".").last ?? "it") \(reason)"
  }

  private static func withoutIndices(_ path: String) -> String {
    path.split(separator: "[").enumerated().map { index, part in
      index == 0 ? part : part.drop { $0 != "]" }.dropFirst()
    }.joined()
  }

  /// What the user calls the fields of the requests.
  private static let words = [
    "top_k": "--top", "max_items": "--top", "criteria": "--weight", "objectives": "the limit",
    "filter.model_ids": "--model", "filter.hardware_ids": "--hardware",
    "filter.accelerators": "--accelerator", "filter.engine_ids": "--engine",
    "filter.quantization_ids": "--quantization", "filter.min_input_tokens": "--input-tokens",
    "filter.max_input_tokens": "--input-tokens", "filter.min_output_tokens": "--output-tokens",
    "filter.max_output_tokens": "--output-tokens", "filter.min_concurrency": "--concurrency",
    "filter.max_concurrency": "--concurrency", "provenance": "--provenance",
    "provenances": "--provenance", "order_by": "--order-by", "page_size": "--limit",
    "sample_size": "--sample", "requests_per_configuration": "--requests",
    "warmup_requests": "--warmup", "seed": "--seed", "request_id": "--request-id",
    "name": "--name", "after_commit_number": "--after", "run_id": "the run's id",
    "configuration_id": "the configuration's id", "execution_id": "the result's id",
    "header.format": "--format", "header.source": "--source",
    "header.tool_version": "--tool-version", "data": "the file",
    "model.id": "the id", "model.display_name": "--display-name", "model.provider": "--provider",
    "model.parameter_count": "--parameters", "model.layer_count": "--layers",
    "model.key_value_head_count": "--key-value-heads", "model.head_dimension": "--head-dimension",
    "model.context_length": "--context-length", "model.license": "--license",
    "model.revision": "--revision", "hardware.id": "the id",
    "hardware.accelerator": "--accelerator", "hardware.vendor": "--vendor",
    "hardware.accelerator_count": "--count", "hardware.memory_bytes": "--memory-gib",
    "hardware.memory_bandwidth_bytes_per_second": "--bandwidth-gb",
    "hardware.power_watts": "--power-watts", "engine.id": "the id",
    "engine.display_name": "--display-name", "engine.quantization_ids": "--quantization",
    "engine.homepage": "--homepage", "price": "the price", "price.hardware_id": "--hardware",
    "price.model_id": "--model", "price.basis": "--basis", "price.usd_per_hour": "--usd-per-hour",
    "price.usd_per_million_input_tokens": "--usd-per-million-input",
    "price.usd_per_million_output_tokens": "--usd-per-million-output",
    "price.offer": "--offer", "price.region": "--region", "price.source": "--source",
  ]
}
