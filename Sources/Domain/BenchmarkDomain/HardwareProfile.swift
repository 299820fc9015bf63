/// Accelerators of one kind, as one job gets them: whole, never shared.
package struct HardwareProfile: Sendable, Hashable {
  /// Plain id, e.g. "h100-80gb-x4".
  package var id: String
  /// The accelerator, e.g. "H100-80GB"; "CPU" when there is none.
  package var accelerator: String
  /// Who makes it.
  package var vendor: String
  /// Accelerators in the profile, at least 1.
  package var acceleratorCount: Int32
  /// Memory of one accelerator in bytes.
  package var memoryBytes: Int64
  /// Memory bandwidth of one accelerator in bytes per second; 0 when unknown.
  package var memoryBandwidthBytesPerSecond: Int64
  /// Thermal design power of one accelerator in watts; 0 when unknown.
  package var powerWatts: Double

  /// Makes a profile.
  package init(
    id: String, accelerator: String, vendor: String = "", acceleratorCount: Int32 = 1,
    memoryBytes: Int64, memoryBandwidthBytesPerSecond: Int64 = 0, powerWatts: Double = 0
  ) {
    self.id = id
    self.accelerator = accelerator
    self.vendor = vendor
    self.acceleratorCount = acceleratorCount
    self.memoryBytes = memoryBytes
    self.memoryBandwidthBytesPerSecond = memoryBandwidthBytesPerSecond
    self.powerWatts = powerWatts
  }
}
