package import APIBindings
package import BenchmarkDomain

extension APIBindings.Model {
  package init(_ model: BenchmarkDomain.Model) {
    self.init(
      id: model.id, displayName: model.displayName, kind: model.kind.wire,
      provider: model.provider, parameterCount: model.parameterCount,
      layerCount: model.layerCount, keyValueHeadCount: model.keyValueHeadCount,
      headDimension: model.headDimension, contextLength: model.contextLength,
      license: model.license, revision: model.revision, createdAt: Timestamp(model.createdAt))
  }
}

extension BenchmarkDomain.Model: MessageReadable {
  package init(reading message: APIBindings.Model) throws(InvalidField) {
    if message.kind == .hosted, message.provider.isEmpty {
      throw InvalidField("provider", "must be given for a hosted model")
    }
    self.init(
      id: try APIMapping.id(message.id, "id"),
      displayName: try name(message.displayName, "display_name"),
      kind: try value(message.kind, "kind"),
      provider: try name(message.provider, "provider"),
      parameterCount: try number(message.parameterCount, "parameter_count", in: 0...1 << 60),
      layerCount: try number(message.layerCount, "layer_count", in: 0...1_000_000),
      keyValueHeadCount: try number(
        message.keyValueHeadCount, "key_value_head_count", in: 0...1_000_000),
      headDimension: try number(message.headDimension, "head_dimension", in: 0...1_000_000),
      contextLength: try count(message.contextLength, "context_length"),
      license: try name(message.license, "license"),
      revision: try name(message.revision, "revision"),
      createdAt: try optional(message.createdAt, "created_at") ?? WallTime(nanoseconds: 0))
  }
}

extension APIBindings.HardwareProfile {
  package init(_ hardware: BenchmarkDomain.HardwareProfile) {
    self.init(
      id: hardware.id, accelerator: hardware.accelerator, vendor: hardware.vendor,
      acceleratorCount: hardware.acceleratorCount, memoryBytes: hardware.memoryBytes,
      memoryBandwidthBytesPerSecond: hardware.memoryBandwidthBytesPerSecond,
      powerWatts: hardware.powerWatts)
  }
}

extension BenchmarkDomain.HardwareProfile: MessageReadable {
  package init(reading message: APIBindings.HardwareProfile) throws(InvalidField) {
    self.init(
      id: try APIMapping.id(message.id, "id"),
      accelerator: try APIMapping.id(message.accelerator, "accelerator"),
      vendor: try name(message.vendor, "vendor"),
      acceleratorCount: try number(
        message.acceleratorCount, "accelerator_count", in: 1...1_000_000),
      memoryBytes: try number(message.memoryBytes, "memory_bytes", in: 1...1 << 50),
      memoryBandwidthBytesPerSecond: try number(
        message.memoryBandwidthBytesPerSecond, "memory_bandwidth_bytes_per_second",
        in: 0...1 << 60),
      powerWatts: try figure(message.powerWatts, "power_watts"))
  }
}

extension APIBindings.Engine {
  package init(_ engine: BenchmarkDomain.Engine) {
    self.init(
      id: engine.id, displayName: engine.displayName, quantizationIds: engine.quantizationIDs,
      homepage: engine.homepage)
  }
}

extension BenchmarkDomain.Engine: MessageReadable {
  package init(reading message: APIBindings.Engine) throws(InvalidField) {
    let id = try APIMapping.id(message.id, "id")
    let displayName = try name(message.displayName, "display_name")
    self.init(
      id: id, displayName: displayName.isEmpty ? id : displayName,
      quantizationIDs: try ids(message.quantizationIds, "quantization_ids"),
      homepage: try name(message.homepage, "homepage"))
  }
}
