// SPDX-License-Identifier: Apache-2.0
import Host
import Vocabulary

/// Somebody who may log in.
public struct User: Equatable, Sendable {
    /// Letters and digits, at most eight: what records keep of who did something.
    public var name: StaffID
    /// One of `Role.people`.
    public var role: Role
    /// The shop of a merchant user; nil in a demonstration that has one user for every shop.
    public var merchant: MerchantID?

    public init(name: StaffID, role: Role, merchant: MerchantID? = nil) {
        self.name = name
        self.role = role
        self.merchant = merchant
    }

    var principal: Principal { Principal(staff: name, role: role) }
}

/// A password that was generated; shown once and kept nowhere.
public struct IssuedPassword: Equatable, Sendable {
    public var user: User
    public var password: String
}

extension Role {
    /// Those that log in.
    static let people: [Role] = [.operator, .technician, .custodian, .serviceCentre, .analyst, .merchant]
    /// Those of them who see the whole estate.
    static let staff: [Role] = people.filter { $0 != .merchant }
    /// Those who do something to devices and keys.
    static let estate: [Role] = [.operator, .technician, .custodian, .serviceCentre]
}
