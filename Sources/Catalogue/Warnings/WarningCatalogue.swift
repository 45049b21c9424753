// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The warning catalogue as its file tells it, read once.
public enum WarningCatalogue {
    /// All entries in the order of `WarningCode.allCases`.
    public static var entries: [WarningEntry] { content.entries }

    /// The order in which support works on any warning: module, activation and update, compatibility, POS
    /// software, remote diagnosis.
    public static var standardRunbook: [RunbookStep] { content.standard }

    /// The small facts the hot path asks for, apart from the texts.
    struct Facts {
        let severity: Severity
        let clearance: Clearance
        let effects: BySeverity
    }

    /// One effect for each severity.
    struct BySeverity {
        let s1: WarningLevel.Effect
        let s2: WarningLevel.Effect
        let s3: WarningLevel.Effect
        let s4: WarningLevel.Effect

        subscript(severity: Severity) -> WarningLevel.Effect {
            switch severity {
            case .s1: s1
            case .s2: s2
            case .s3: s3
            case .s4: s4
            }
        }
    }

    static var classTitles: [Phrase] { content.classTitles }
    static let facts: [Facts] = content.entries.map { entry in
        func effect(_ severity: Severity, _ least: Halt) -> WarningLevel.Effect {
            entry.levels.first { $0.severity == severity }?.effect ?? WarningLevel.Effect(halts: least, zeroises: .none)
        }
        return Facts(
            severity: entry.severity, clearance: entry.clearance,
            effects: BySeverity(
                s1: effect(.s1, .all), s2: effect(.s2, .all), s3: effect(.s3, .newSales), s4: effect(.s4, .none)))
    }

    static func opening(_ severity: Severity) -> [RunbookStep] {
        switch severity {
        case .s1, .s2: content.openings[0]
        case .s3: content.openings[1]
        case .s4: content.openings[2]
        }
    }

    private static let content = Content()

    private struct Content {
        let classTitles: [Phrase]
        let openings: [[RunbookStep]]
        let standard: [RunbookStep]
        let entries: [WarningEntry]

        init() {
            let file = EmbeddedFile("warnings.json", PackageResources.warnings_json, format: "tillguard-warnings/1")
            let classes = file.required(file.root, "classes")
            classTitles = CauseClass.allCases.map { file.phrase(file.required(classes, $0.rawValue)) }
            let opening = file.required(file.root, "opening")
            openings = ["warning", "restricted", "advisory"].map { Self.steps(file, file.required(opening, $0)) }
            standard = Self.steps(file, file.required(file.root, "standard"))
            entries = file.array(file.required(file.root, "warnings")).map { Self.entry(file, $0) }
            guard entries.map(\.code) == WarningCode.allCases else {
                file.broken("codes missing, doubled or unordered")
            }
        }

        static func steps(_ file: EmbeddedFile, _ list: JSON) -> [RunbookStep] {
            file.array(list).map { step in
                let parts = file.array(step)
                return RunbookStep(
                    text: file.phrase(.array(Array(parts.prefix(2)))),
                    check: parts.count > 2 ? file.named(parts[2], RunbookCheck.init(rawValue:)) : nil)
            }
        }

        static func entry(_ file: EmbeddedFile, _ value: JSON) -> WarningEntry {
            let code = file.named(file.required(value, "code"), WarningCode.init(rawValue:))
            let severity = file.named(file.required(value, "severity"), Severity.init(name:))
            let levels = file.array(file.required(value, "levels")).map { level(file, $0) }
            guard levels.contains(where: { $0.severity == severity }) else {
                file.broken("no level for \(code.rawValue)")
            }
            let clearance = file.required(value, "clearance")
            return WarningEntry(
                code: code, title: file.phrase(file.required(value, "title")),
                sign: file.phrase(file.required(value, "sign")),
                causeClass: file.named(.string(String(code.rawValue.prefix(1))), CauseClass.init(rawValue:)),
                detectedBy: file.array(file.required(value, "detectedBy")).map {
                    file.named($0, Detector.init(rawValue:))
                },
                severity: severity, levels: levels,
                becomes: value["becomes"].map {
                    WarningSuccession(
                        code: file.named(file.required($0, "code"), WarningCode.init(rawValue:)),
                        when: file.phrase(file.required($0, "when")))
                },
                clearance: file.named(file.required(clearance, "by"), Clearance.init(name:)),
                otherwise: clearance["otherwise"].map { file.named($0, Clearance.init(name:)) },
                clearanceCondition: file.phrase(file.required(clearance, "condition")),
                steps: steps(file, file.required(value, "steps")))
        }

        static func level(_ file: EmbeddedFile, _ value: JSON) -> WarningLevel {
            WarningLevel(
                severity: file.named(file.required(value, "severity"), Severity.init(name:)),
                effect: WarningLevel.Effect(
                    halts: file.named(file.required(value, "halts"), Halt.init(name:)),
                    zeroises: value["zeroises"].map { file.named($0, Zeroisation.init(name:)) } ?? .none),
                when: value["when"].map(file.phrase),
                after: value["afterSeconds"].flatMap(\.integer).map(Interval.seconds))
        }
    }
}
