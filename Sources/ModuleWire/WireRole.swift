// SPDX-License-Identifier: Apache-2.0

/// What a line is for. It is said once, at the introduction, and no line has two.
public enum WireRole: UInt8, CaseIterable, Sendable {
    /// Authorises: opens and seals messages, traffic with other hosts.
    case host = 1
    /// Issues: keys of terminals, reference values of PINs.
    case issuing = 2
    /// Looks at the state alone.
    case monitor = 3
    /// Gives keys to terminals' modules that are in service.
    case keyLoading = 4
    /// Is handed the sheet of one custodian; whoever opens ceremonies is not.
    case custodian = 5

    /// Whether the role includes a command.
    public func includes(_ kind: WireKind) -> Bool {
        switch kind {
        case .hello, .status: true
        case .cardKeys, .sealPAN: self == .host || self == .issuing
        case .open, .seal, .nonce, .openPAN, .zoneSeal, .zoneKeyNumber, .makeZoneKeys, .readZoneKeys, .useZoneKeys,
            .verifyLog, .openJournal:
            self == .host
        case .pinReference, .provision, .linkKey: self == .issuing
        case .certify, .sendKeys, .beginCeremony: self == .keyLoading
        case .takeSheet: self == .custodian
        }
    }
}
