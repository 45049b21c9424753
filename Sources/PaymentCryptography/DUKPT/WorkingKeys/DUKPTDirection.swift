// SPDX-License-Identifier: Apache-2.0

/// Which messages a working key is for, in the words of X9.24-1; X9.24-3 says generation, verification and both ways.
public enum DUKPTDirection: Sendable, CaseIterable {
    /// From the terminal: what it generates or encrypts.
    case request
    /// To the terminal: what it verifies or decrypts.
    case response
    case bothWays

    /// Whether that party makes what the key makes: codes, or ciphertext.
    func isMade(by party: DUKPTParty) -> Bool {
        switch self {
        case .request: party == .device
        case .response: party == .host
        case .bothWays: true
        }
    }

    /// Whether that party takes what the key makes.
    func isTaken(by party: DUKPTParty) -> Bool {
        switch self {
        case .request: party == .host
        case .response: party == .device
        case .bothWays: true
        }
    }
}

/// Who holds a working key.
public enum DUKPTParty: Sendable, CaseIterable {
    /// The PIN entry device, which has future keys.
    case device
    /// The host, which has the base derivation key or initial keys.
    case host
}
