// SPDX-License-Identifier: Apache-2.0

/// The kind of a command; its reply has the same number with the highest bit set, a refusal `refused`.
public enum WireKind: UInt8, CaseIterable, Sendable {
    case hello = 1
    case status = 2
    case open = 3
    case seal = 4
    case cardKeys = 5
    case nonce = 6
    case sealPAN = 7
    case openPAN = 8
    case zoneSeal = 9
    case zoneKeyNumber = 10
    case makeZoneKeys = 11
    case readZoneKeys = 12
    case useZoneKeys = 13
    case pinReference = 14
    case provision = 15
    case linkKey = 16
    case verifyLog = 17
    case openJournal = 18
    case certify = 19
    case sendKeys = 20
    case beginCeremony = 21
    case takeSheet = 22

    static let replyBit: UInt8 = 0x80
    static let refused: UInt8 = 0xFF
}
