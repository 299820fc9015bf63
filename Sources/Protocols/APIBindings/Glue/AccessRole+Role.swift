package import GRPC

extension AccessRole {
  /// The role as methods declare it.
  package init(_ role: Role) {
    self.init(rawValue: UInt8(truncatingIfNeeded: role.rawValue))
  }
}
