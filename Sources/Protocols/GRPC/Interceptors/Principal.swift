/// What a method demands of its caller: a number of the interface's own, whose meaning the
/// interface's options give. 0 is a method that declares nothing, which nobody may call.
package struct AccessRole: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    precondition(rawValue < 64, "roles are numbered from 0 to 63")
    self.rawValue = rawValue
  }

  /// Nothing was declared.
  package static let undeclared = AccessRole(rawValue: 0)
}

/// Roles of one caller.
package struct AccessRoles: Sendable, Hashable, ExpressibleByArrayLiteral {
  private var bits: UInt64 = 0

  package init(arrayLiteral roles: AccessRole...) { self.init(roles) }

  package init(_ roles: some Sequence<AccessRole>) {
    for role in roles { bits |= 1 << UInt64(role.rawValue) }
    bits &= ~1
  }

  /// Whether a role is among them; `undeclared` never is.
  package func contains(_ role: AccessRole) -> Bool { bits & 1 << UInt64(role.rawValue) != 0 }

  package mutating func formUnion(_ other: AccessRoles) { bits |= other.bits }
}

/// Who calls, once it is proved.
package final class Principal: Sendable {
  /// How it was proved.
  package enum Proof: String, Sendable { case token, jwt, certificate, none }

  /// The name that logs and leases show.
  package let name: String
  package let roles: AccessRoles
  package let proof: Proof
  /// When the proof ends, in seconds since 1970; infinite for what does not end by itself.
  package let expiry: Double

  package init(name: String, roles: AccessRoles, proof: Proof, expiry: Double = .infinity) {
    (self.name, self.roles, self.proof, self.expiry) = (name, roles, proof, expiry)
  }
}
