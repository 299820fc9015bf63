/// Where a model runs.
package enum ModelKind: String, Sendable, Hashable, CaseIterable {
  /// Weights that somebody runs on hardware of their own.
  case selfHosted = "self_hosted"
  /// A model behind somebody's API, priced per token.
  case hosted
}

/// A language model of the catalog.
package struct Model: Sendable, Hashable {
  /// Plain id, the hub's where there is one; 1 to 200 bytes.
  package var id: String
  /// Name for people.
  package var displayName: String
  /// Where it runs.
  package var kind: ModelKind
  /// Who serves a hosted model; empty when self-hosted.
  package var provider: String
  /// Parameters, counted; 0 when unknown.
  package var parameterCount: Int64
  /// Transformer layers; 0 when unknown.
  package var layerCount: Int32
  /// Key-value heads of a layer; 0 when unknown.
  package var keyValueHeadCount: Int32
  /// Elements of one head; 0 when unknown.
  package var headDimension: Int32
  /// Longest context in tokens; 0 when unknown.
  package var contextLength: Int32
  /// SPDX id or the hub's name.
  package var license: String
  /// Resolved commit of the weights; empty when unknown.
  package var revision: String
  /// When it was registered.
  package var createdAt: WallTime

  /// Makes a model; every figure that is left out is unknown.
  package init(
    id: String, displayName: String = "", kind: ModelKind = .selfHosted, provider: String = "",
    parameterCount: Int64 = 0, layerCount: Int32 = 0, keyValueHeadCount: Int32 = 0,
    headDimension: Int32 = 0, contextLength: Int32 = 0, license: String = "",
    revision: String = "", createdAt: WallTime = WallTime(nanoseconds: 0)
  ) {
    self.id = id
    self.displayName = displayName.isEmpty ? id : displayName
    self.kind = kind
    self.provider = provider
    self.parameterCount = parameterCount
    self.layerCount = layerCount
    self.keyValueHeadCount = keyValueHeadCount
    self.headDimension = headDimension
    self.contextLength = contextLength
    self.license = license
    self.revision = revision
    self.createdAt = createdAt
  }
}
