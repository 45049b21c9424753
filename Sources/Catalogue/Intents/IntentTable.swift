// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The intent file, read once.
enum IntentTable {
    /// One intent's texts.
    struct Display: Sendable {
        let merchant: Phrase
        let cardholder: Phrase

        subscript(audience: Audience) -> Phrase {
            switch audience {
            case .merchant: merchant
            case .cardholder: cardholder
            }
        }
    }

    /// A received code and what it is taken for.
    struct Row: Sendable {
        let code: ResponseCode
        let intent: Intent
    }

    /// By the intent's position, then the profile's column.
    static let outcomes = content.outcomes
    static let displays = content.displays
    /// By the profile's column; each sorted by code.
    static let readings = content.readings
    static let unknown = content.unknown
    static let unknownDisplay = content.unknownDisplay

    private static let content = Content()

    private struct Content {
        let outcomes: [Outcome]
        let displays: [Display]
        let readings: [[Row]]
        let unknown: Outcome
        let unknownDisplay: Display

        init() {
            let file = EmbeddedFile("intents.json", PackageResources.intents_json, format: "tillguard-intents/1")
            let rows = file.array(file.required(file.root, "intents"))
            guard rows.map({ $0["intent"]?.string ?? "" }) == Intent.allCases.map(\.rawValue) else {
                file.broken("intents missing, doubled or unordered")
            }
            outcomes = rows.flatMap { row in
                let codes = file.array(file.required(row, "codes"))
                guard codes.count == NetworkProfile.allCases.count else {
                    file.broken("a code for each profile: \(row.text)")
                }
                return codes.map { Self.outcome(file, row, code: file.named($0) { ResponseCode($0) }) }
            }
            displays = rows.map { Self.display(file, $0) }
            let tables = file.required(file.root, "readings")
            readings = NetworkProfile.allCases.map { profile in
                file.members(file.required(tables, profile.rawValue)).map { member in
                    Row(
                        code: file.named(.string(member.name)) { ResponseCode($0) },
                        intent: file.named(member.value, Intent.init(rawValue:)))
                }.sorted { $0.code < $1.code }
            }
            let rest = file.required(file.root, "unknown")
            // The code stands for none; a reading puts the received one in its place.
            unknown = Self.outcome(file, rest, code: .approved)
            unknownDisplay = Self.display(file, rest)
        }

        static func outcome(_ file: EmbeddedFile, _ row: JSON, code: ResponseCode) -> Outcome {
            Outcome(
                code: code, action: file.named(file.required(row, "action"), TerminalAction.init(rawValue:)),
                retry: file.named(file.required(row, "retry"), RetryRule.init(rawValue:)),
                capture: row["capture"]?.bool ?? false, reversalNeeded: row["reversalNeeded"]?.bool ?? false)
        }

        static func display(_ file: EmbeddedFile, _ row: JSON) -> Display {
            Display(
                merchant: file.phrase(file.required(row, "merchant")),
                cardholder: file.phrase(file.required(row, "cardholder")))
        }
    }
}
