// SPDX-License-Identifier: Apache-2.0

/// What a terminal can ask a cardholder for beyond its request. It says so in every request; one that says nothing
/// supports nothing.
public struct StepUpSupport: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Asks for the PIN and sends a new request in the same card session.
    public static let pin = StepUpSupport(rawValue: 1)
    /// Asks for the chip in place of a tap or a swipe.
    public static let chip = StepUpSupport(rawValue: 2)
    /// Asks for an identity document or the transaction password.
    public static let holder = StepUpSupport(rawValue: 4)
    public static let all: StepUpSupport = [.pin, .chip, .holder]

    private static let letters: [(UInt8, StepUpSupport)] = [
        (UInt8(ascii: "P"), .pin), (UInt8(ascii: "C"), .chip), (UInt8(ascii: "H"), .holder),
    ]

    /// The letters of the announcement: `PCH`; empty for nothing.
    public var text: String {
        String(decoding: Self.letters.filter { contains($0.1) }.map(\.0), as: UTF8.self)
    }

    /// Reads an announcement; letters it does not know are what a later terminal can do besides.
    public init(text: some StringProtocol) {
        self = []
        for byte in text.utf8 {
            if let letter = Self.letters.first(where: { $0.0 == byte }) { insert(letter.1) }
        }
    }
}

extension Intent {
    /// The intent to answer a terminal with that supports no more than this.
    public func within(_ support: StepUpSupport) -> Intent {
        switch self {
        case .pinRequired: support.contains(.pin) ? self : withoutStepUp
        case .chipRequired: support.contains(.chip) ? self : withoutStepUp
        case .additionalProofRequired: support.contains(.holder) ? self : withoutStepUp
        default: self
        }
    }
}
