// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a terminal shows.
struct Screen {
    var phase: String
    var english: String
    var warnings: [String]
    /// `approved`, `declined`, `reversed`, `refused`; nil while there is none.
    var outcome: String?
    /// DE 39 of a decline, DE 38 of an approval, why a refusal.
    var code: String
    var reference: String
    var challenge: String?

    init(_ json: JSON) {
        phase = json["phase"]?.string ?? ""
        english = json["en"]?.string ?? ""
        warnings = json["warnings"]?.array?.compactMap(\.string) ?? []
        outcome = json["outcome"]?.string
        code = json["code"]?.string ?? ""
        reference = json["reference"]?.string ?? ""
        challenge = json["challenge"]?.string
    }

    var isApproved: Bool { outcome == "approved" }

    func isDeclined(_ code: String) -> Bool { outcome == "declined" && self.code == code }

    /// Refused by the terminal itself, for a warning: nothing was sent.
    var isHalted: Bool { outcome == "refused" && code.hasPrefix("halted") }

    var summary: String {
        let parts = [outcome ?? "no outcome", code, reference == challenge ? "" : reference]
        let challenge = challenge.map { " challenge \($0)" } ?? ""
        return parts.filter { !$0.isEmpty }.joined(separator: " ") + challenge + " “\(english)”"
    }
}

/// What a module says of itself.
struct ModuleView {
    var state: String
    var lifecycle: String
    var warnings: [String]
    var selfTestNumber: Int64
    var profile: String
    var hasLease: Bool
    var isZeroised: Bool

    init(_ json: JSON) {
        state = json["state"]?.string ?? ""
        lifecycle = json["lifecycle"]?.string ?? ""
        warnings = json["warnings"]?.array?.compactMap(\.string) ?? []
        selfTestNumber = json["selfTestNumber"]?.integer ?? 0
        profile = json["profile"]?.string ?? ""
        hasLease = json["leaseExpires"]?.string != nil
        isZeroised = json["zeroised"]?.bool ?? false
    }

    var summary: String {
        "\(state), \(lifecycle), warnings \(warnings.isEmpty ? "none" : warnings.joined(separator: " "))"
            + (isZeroised ? ", keys zeroised" : "") + (hasLease ? ", lease held" : ", no lease")
    }
}
