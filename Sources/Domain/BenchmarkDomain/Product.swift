/// Benchfront itself.
package enum Product {
  /// Version of all its programs: what `--version` prints and what agents and servers tell.
  package static let version = "0.1.0"
}
