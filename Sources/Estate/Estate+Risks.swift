// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A weakness that terminals of this estate have by their key profile.
public struct EstateRisk: Equatable, Sendable {
    public let profile: KeyProfile
    public let risk: ProfileRisk
    /// How many terminals have the profile.
    public let terminals: Int
}

extension Estate {
    /// The weaknesses of the profiles in use, in the order of the profiles, gravest first within one.
    public var profileRisks: [EstateRisk] {
        KeyProfile.allCases.flatMap { profile -> [EstateRisk] in
            guard !profile.risks.isEmpty else { return [] }
            let count = terminals.values.count { $0.profile == profile }
            return count == 0 ? [] : profile.risks.map { EstateRisk(profile: profile, risk: $0, terminals: count) }
        }
    }
}
