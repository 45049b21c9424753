// SPDX-License-Identifier: Apache-2.0

extension Intent {
    /// Code, action and retry rule in one network profile; every intent has them in every profile.
    public func outcome(in profile: NetworkProfile) -> Outcome {
        IntentTable.outcomes[position * NetworkProfile.allCases.count + profile.column]
    }

    /// What people read. The merchant's text says what to do and reveals nothing a thief could use.
    public func display(_ language: Language, _ audience: Audience) -> String {
        IntentTable.displays[position][audience][language]
    }

    /// Whether the sale is approved and may be booked.
    public var isApproval: Bool { self == .approved }

    /// Whether the request of any kind (sale, reversal, advice, sign-on, sign-off, echo) was accepted.
    public var isAccepted: Bool { outcome(in: .iso8583).action == .approve }

    /// Whether the terminal gets the one answer that lost, stolen, frozen and locked cards share.
    public var isConcealed: Bool {
        switch self {
        case .lostCard, .stolenCard, .frozenAccount, .frozenCard, .pinTriesExceeded: true
        default: false
        }
    }

    /// The intent to answer a terminal with that did not announce step-up: a request for proof becomes a referral.
    public var withoutStepUp: Intent {
        switch self {
        case .additionalProofRequired, .pinRequired: .callIssuer
        default: self
        }
    }

    /// The intent a terminal takes a received code for; nil for a code the profile does not know.
    ///
    /// Several intents share a code, so this is the class of the answer, not what the issuer meant.
    public static func intent(code: ResponseCode, in profile: NetworkProfile) -> Intent? {
        let rows = IntentTable.readings[profile.column]
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].code < code { low = middle + 1 } else { high = middle }
        }
        guard low < rows.count, rows[low].code == code else { return nil }
        return rows[low].intent
    }
}
