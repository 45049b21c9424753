// SPDX-License-Identifier: Apache-2.0
import Vocabulary

@testable import Demo

/// A world that does one thing wrong: what a row must not call working.
struct Sabotage: CustomStringConvertible, Sendable {
    typealias Change = (Request, Answer) -> Answer

    var row: String
    var name: String
    /// Made anew for each run, so that one may remember what has passed.
    var change: @Sendable () -> Change

    var description: String { "\(row): \(name)" }

    init(_ row: String, _ name: String, _ change: @escaping @Sendable (Request, Answer) -> Answer) {
        self.init(remembering: row, name) { change }
    }

    init(remembering row: String, _ name: String, _ change: @escaping @Sendable () -> Change) {
        self.row = row
        self.name = name
        self.change = change
    }

    /// Changes what terminals show after a sale that ended so.
    static func ending(
        _ row: String, _ name: String, _ outcome: String, _ code: String? = nil, to other: String, _ otherCode: String
    ) -> Sabotage {
        Sabotage(row, name) { _, answer in
            guard case .json(let json) = answer, json["outcome"]?.string == outcome,
                code == nil || json["code"]?.string == code
            else { return answer }
            return .json(json.setting("outcome", .string(other)).setting("code", .string(otherCode)))
        }
    }

    /// Changes one member of the bench's answers.
    static func bench(_ row: String, _ name: String, _ member: String, _ value: JSON) -> Sabotage {
        Sabotage(row, name) { _, answer in
            guard case .json(let json) = answer else { return answer }
            return .json(json.setting(member, value))
        }
    }

    /// Changes the console's answers under addresses that hold a text.
    static func web(
        _ row: String, _ name: String, _ method: String, _ path: String,
        _ change: @escaping @Sendable (inout WebAnswer) -> Void
    ) -> Sabotage {
        Sabotage(row, name) { request, answer in
            guard case .web(let request) = request, request.method == method, request.path.contains(path),
                case .web(var changed) = answer
            else { return answer }
            change(&changed)
            return .web(changed)
        }
    }

    /// Changes one member wherever it stands in the JSON of such an answer.
    static func api(
        _ row: String, _ name: String, _ path: String, _ member: String, _ value: JSON
    ) -> Sabotage {
        web(row, name, "GET", path) { answer in
            guard answer.json != .null else { return }
            answer.body = answer.json.everywhere { $0.setting(member, value) }.text
        }
    }

    /// Changes the files of a data directory.
    static func files(
        _ row: String, _ name: String, _ change: @escaping @Sendable (DataFile) -> DataFile
    ) -> Sabotage {
        Sabotage(row, name) { _, answer in
            guard case .files(let files) = answer else { return answer }
            return .files(files.map(change))
        }
    }

    /// A host that approves what a stranger sends.
    static func gullibleHost(_ row: String) -> Sabotage {
        Sabotage(row, "the host approves a stranger's message") { _, answer in
            guard case .message(let bytes?) = answer, let place = bytes.place(of: Array("TM".utf8)) else {
                return answer
            }
            var changed = bytes
            changed.replaceSubrange(place, with: Array("00".utf8))
            return .message(changed)
        }
    }
}

extension Sabotage {
    static let all: [Sabotage] = module + triggers + desk

    private static let module: [Sabotage] = [
        ending("M1", "a wrong PIN is approved", "declined", "55", to: "approved", "100001"),
        ending("M1", "a right PIN is declined", "approved", to: "declined", "55"),
        ending("M1", "no PIN is needed", "declined", "70", to: "approved", "100001"),
        bench("M1", "every terminal has the same key profile", "profile", "tdes"),
        bench("M1", "the module has no lease", "leaseExpires", .null),
        gullibleHost("M1"),

        bench("M2", "no warning is ever shown", "warnings", []),
        bench("M2", "a tampered module keeps its keys", "zeroised", false),
        Sabotage("M2", "the screen knows a warning, the module does not") { request, answer in
            guard case .bench(let asked) = request, asked["op"]?.string == "status", case .json(let json) = answer
            else {
                return answer
            }
            return .json(json.setting("warnings", []))
        },
        web("M2", "the desk hears of nothing", "GET", "/api/terminals/") { answer in
            answer.body = answer.json.setting("warnings", []).everywhere { $0.setting("openWarnings", []) }.text
        },
        api("M2", "the desk calls a tampered terminal active", "/api/terminals/", "lifecycle", "ACTIVE"),

        bench("M3", "no warning is ever shown", "warnings", []),
        api("M3", "the desk hears of nothing", "/api/terminals/", "openWarnings", []),
        api("M3", "the desk lets the terminal trade on", "/api/terminals/", "lifecycle", "ACTIVE"),
        ending("M3", "a halted terminal sells", "refused", to: "approved", "100001"),

        ending("M4", "a halted terminal sells", "refused", to: "approved", "100001"),
        ending("M4", "the host approves what the desk has stopped", "declined", "TA", to: "approved", "100001"),
        bench("M4", "a tampered module keeps its keys", "zeroised", false),
        bench("M4", "every module is ready", "state", "ready"),
        bench("M4", "every module is tampered", "state", "tampered"),
        api("M4", "the host knows of nothing", "/api/terminals/", "openWarnings", []),
        api("M4", "the host calls it active", "/api/terminals/", "lifecycle", "ACTIVE"),
        gullibleHost("M4"),

        web("M5", "the merchant may clear", "POST", "/clear") { $0.status = $0.status == 403 ? 200 : $0.status },
        web("M5", "the merchant's form may clear", "POST", "/clear") { answer in
            if answer.status == 403, answer.json == .null { answer.status = 303 }
        },
        web("M5", "the merchant has a button", "GET", "/terminals/TILL0006") { answer in
            answer.body += "<form method=\"post\" action=\"/terminals/TILL0006/warnings/H02/clear\"></form>"
        },
        web("M5", "the page has no runbook", "GET", "/terminals/TILL0006") {
            $0.body = $0.body.replacing("<li>", with: "<p>")
        },
        api("M5", "the desk hears of nothing", "/api/terminals/", "openWarnings", []),
        ending("M5", "a mended fault sets it trading", "refused", to: "approved", "100001"),
        api("M5", "nobody is named for a clearance", "/api/terminals/", "clearedBy", []),

        api("M6", "the terminal never trades again", "/api/terminals/", "state", "halted"),
        ending("M6", "a halted terminal sells", "refused", to: "approved", "100001"),
        ending("M6", "a mended terminal does not sell", "approved", to: "refused", "notSignedOn"),
        api("M6", "the desk hears of nothing", "/api/terminals/", "openWarnings", []),

        bench("M7", "self-tests never pass again", "selfTestNumber", 2),
        ending("M7", "it sells with a broken algorithm unit", "refused", to: "approved", "100001"),
    ]

    private static let triggers: [Sabotage] = [
        ending("T1", "a hot card pays", "declined", "62", to: "approved", "100001"),
        Sabotage(remembering: "T1", "a lost card is answered otherwise") {
            var isLost = false
            return { request, answer in
                if case .bench(let asked) = request, asked["op"]?.string == "sale" {
                    isLost = asked["pan"]?.string == DemoEstate.card(10).number
                }
                guard isLost, case .json(let json) = answer, json["outcome"]?.string != nil else { return answer }
                return .json(json.setting("en", "This card is lost."))
            }
        },
        api("T1", "no case is opened", "/api/cases", "rules", []),

        ending("T2", "the third wrong PIN is one like the others", "declined", "62", to: "declined", "55"),
        ending("T2", "the third wrong PIN pays", "declined", "62", to: "approved", "100001"),
        api("T2", "no case is opened", "/api/cases", "rules", ["other"]),

        ending("T3", "the pattern pays", "declined", "01", to: "approved", "100001"),
        bench("T3", "no reference is shown", "reference", .null),
        api("T3", "the explanation has other figures", "/api/cases/", "value", 2),
        api("T3", "no case is opened", "/api/cases", "rules", []),

        ending("T4", "restricted goods need nothing", "declined", "1A", to: "approved", "100001"),
        ending("T4", "everything is restricted", "approved", to: "declined", "1A"),
        bench("T4", "no challenge is issued", "challenge", .null),
        Sabotage("T4", "the rules are not loaded again") { _, answer in
            guard case .lines(let lines) = answer else { return answer }
            return .lines(lines.filter { $0["event"]?.string != "rules" })
        },

        ending("T5", "a step-up is not asked for", "declined", "1A", to: "approved", "100001"),
        ending("T5", "a used challenge or a wrong password pays", "declined", "05", to: "approved", "100001"),
        ending("T5", "proof does not help", "approved", to: "declined", "05"),
        ending("T5", "the issuer need not be called", "declined", "01", to: "approved", "100001"),
        web("T5", "anybody who calls is believed", "POST", "/confirm") { $0.status = 200 },
        api("T5", "the reference names another case", "/api/cases", "reference", "R-OTHER"),
    ]

    private static let desk: [Sabotage] = [
        web("M8", "wrong passwords do no harm", "POST", "/login") { $0.status = $0.status == 401 ? 200 : $0.status },
        web("M8", "a merchant reads cases", "GET", "/api/cases") { $0.status = 200 },
        web("M8", "a stranger reads terminals", "GET", "/api/terminals") { $0.status = 200 },
        web("M8", "everybody may freeze", "POST", "/freeze") { $0.status = 200 },
        web("M8", "one person may lift a freeze", "POST", "/unfreeze") { $0.status = 200 },
        ending("M8", "a frozen account pays", "declined", "62", to: "approved", "100001"),
        files("M8", "a password lies in a file") { file in
            DataFile(name: file.name, bytes: file.bytes + Array(DemoEstate.transactionPassword.utf8))
        },

        web("T6", "a notice is not taken", "POST", "/notice") { $0.status = 409 },
        ending("T6", "a notice does not help", "approved", to: "declined", "01"),
        ending("T6", "a notice covers everything", "declined", "01", to: "approved", "100001"),

        files("T7", "no mail is queued") { file in
            file.name.contains("records.db") ? DataFile(name: file.name, bytes: []) : file
        },
        api("T7", "reading the link answers it", "/api/cases/", "state", "denied"),
        api("T7", "“not me” answers nothing", "/api/cases/", "state", "open"),
        web("T7", "a guessed link opens", "POST", "/not-me") { $0.status = 303 },
        web("T7", "“it was me” needs no code", "POST", "/me") { $0.status = 303 },
        api("T7", "nothing is frozen", "/api/accounts/", "frozen", false),
        api("T7", "nothing is ever lifted", "/api/accounts/", "frozen", true),
        ending("T7", "a frozen account pays", "declined", "62", to: "approved", "100001"),
        web("T7", "one person may lift a freeze", "POST", "/unfreeze") { $0.status = 200 },

        web("T8", "a page holds a card number", "GET", "/accounts/3") { $0.body += DemoEstate.card(3).number },
        Sabotage("T8", "an answer holds a card number") { _, answer in
            guard case .texts(let texts) = answer else { return answer }
            return .texts(texts + ["declined for \(DemoEstate.card(4).number)"])
        },
        Sabotage("T8", "an answer holds a PIN") { _, answer in
            guard case .texts(let texts) = answer else { return answer }
            return .texts(texts + ["{\"pin\":\"\(DemoEstate.card(4).pin)\"}"])
        },
        files("T8", "a log holds a card number") { file in
            let isLog = file.name.hasSuffix("server.log")
            return isLog ? DataFile(name: file.name, bytes: file.bytes + Array(DemoEstate.card(5).number.utf8)) : file
        },
        files("T8", "a journal holds a clear PIN field") { file in
            let field: [UInt8] = [0x04, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            return file.name.contains("journal.db") ? DataFile(name: file.name, bytes: file.bytes + field) : file
        },
        files("T8", "a journal holds a packed card number") { file in
            let packed = Hex.bytes(DemoEstate.card(1).number) ?? []
            return file.name.contains("journal.db") ? DataFile(name: file.name, bytes: file.bytes + packed) : file
        },
        web("T8", "a stranger reads decisions", "GET", "/api/decisions") { $0.status = 200 },

        web("T9", "the statement is empty", "GET", "/accounts/2") { $0.body = $0.body.replacing("18.40", with: "") },
        web("T9", "the statement offers no “not me”", "GET", "/accounts/2") {
            $0.body = $0.body.replacing("/dispute", with: "")
        },
        api("T9", "no case is opened", "/api/cases", "dispute", false),
        api("T9", "the line is not marked", "/api/accounts/", "disputedBy", .null),
    ]
}
