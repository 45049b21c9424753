// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

extension CryptoWords {
    /// Why a ceremony does not take something, in words.
    static func ceremony(_ error: KeyCeremonyError) -> String {
        let limit = KeyCeremonyPlan.textCountMax
        return switch error {
        case .purpose: "--purpose: expected one line of 1 to \(limit) bytes"
        case .checkValueLength: "--verify: a ceremony needs three bytes of the key's check value or more"
        case .custodians:
            "--custodian: expected 2 to 9 of components or 2 to 255 of shares, with different names of 1 to \(limit) "
                + "bytes"
        case .threshold: "--threshold: expected 2 to the number of custodians"
        case .refusedMax: "--wrong-entries: expected 0 to \(KeyCeremonyPlan.refusedMaxMax)"
        case .deadline: "--minutes: the time is over"
        case .stranger: "no custodian of this ceremony"
        case .enteredBefore: "a custodian enters one component or share"
        case .otherDivision: "components and shares do not mix"
        case .complete: "as many as are needed have entered"
        case .refused(let error): part(error)
        case .notEnough(let entered, let needed): "\(entered) of \(needed) who are needed have entered"
        case .over(let end): ceremony(end)
        }
    }

    /// How a ceremony ended, in words.
    static func ceremony(_ end: KeyCeremonyEnd) -> String {
        switch end {
        case .formed: "the key was formed"
        case .abandoned: "abandoned"
        case .expired: "its time ran out"
        case .tooManyRefused: "too many wrong entries"
        case .wrongKey(let error): part(error)
        }
    }

    private static func part(_ error: KeyComponentError) -> String {
        switch error {
        case .wrongLength(let count): "\(count) bytes is not the key's length"
        case .checkValue: "it does not have the check value of the custodian's form"
        case .enteredTwice: "another custodian has entered it"
        case .foreignShare: "a share of another threshold"
        case .notEnough(let count): "not enough parts: \(count)"
        case .custodians: "too many parts"
        case .weakKey(let error): "the key that comes out is weak: \(strength(error))"
        case .wrongKey: "the key that comes out has another check value"
        }
    }
}
