// SPDX-License-Identifier: Apache-2.0
import Catalogue

extension KeyProfile {
    /// The weaknesses that a terminal of this profile has by design, gravest first.
    public var risks: [ProfileRisk] {
        switch self {
        case .sessionTDES, .sessionSM4XOR: [.linearMAC, .shortMAC]
        case .tdes, .aes, .sessionTDESCBC, .sessionTDESRetail, .sessionSM4: []
        }
    }
}
