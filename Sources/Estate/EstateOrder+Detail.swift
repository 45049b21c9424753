// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

extension EstateOrder {
    /// What it says beside its terminal and kind, for pages and timelines: no secret, and one text for one order.
    public var detail: String {
        switch self {
        case .receive(_, let seal): seal
        case .loadInitialKeys, .takeIntoServiceCentre, .retire: ""
        case .issueKeys(_, let keySet): "\(keySet)"
        case .permitSwap(_, let serial): Hex.text(serial)
        case .erase(_, let code): code.rawValue
        case .reidentify(_, let serial, let keySet): "\(Hex.text(serial)) \(keySet)"
        case .revokeKeySet(let keySet, let since): "\(keySet) \(since.iso8601)"
        case .extendLeases(let until): until.iso8601
        case .trustSupplier(let key): Hex.text(key)
        }
    }
}

extension EstateAct {
    /// What it says beside its terminal and kind, for pages and timelines.
    public var detail: String {
        switch self {
        case .personalise, .enterMaintenance, .endMaintenance, .reportLost: ""
        case .ship(_, let seal): seal
        case .inspect(_, let findings, let photo): (findings.map { "\($0)" } + [photo]).joined(separator: " ")
        case .setReleases(_, let policy):
            "\(policy.recommended) \(policy.minimum)" + (policy.deadline.map { " \($0.iso8601)" } ?? "")
        case .setDigests(let digests): digests.map { Hex.text($0) }.joined(separator: " ")
        case .setKeySetEnd(_, let until): until.iso8601
        case .setTerms(_, let terms): "\(terms.acquirer) \(terms.account) \(terms.radius) m\(terms.localTime)"
        case .importMatrix(let matrix): "\(matrix.version)"
        }
    }

    /// What of the estate it lays down: each name has one standing text. Nil for what is done to a terminal.
    public var standingName: String? {
        switch self {
        case .setReleases(let model, _): "releases.\(model)"
        case .setDigests: "digests"
        case .setKeySetEnd(let keySet, _): "keySetEnd.\(keySet)"
        case .setTerms(let merchant, _): "terms.\(merchant)"
        case .importMatrix: "matrix"
        default: nil
        }
    }
}
