package import GRPC
package import Storage

extension PageRequest {
  /// Reads a page size, 0 for 100 and more than 1,000 for 1,000, and a token; throws
  /// INVALID_ARGUMENT for a negative size.
  package init(_ size: Int32, _ token: String) throws(RPCError) {
    guard size >= 0 else {
      throw RPCError(InvalidField("page_size", "must not be negative"))
    }
    self.init(size: size == 0 ? 100 : Int(min(size, 1_000)), token: token)
  }
}
