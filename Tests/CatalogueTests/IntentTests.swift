// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Catalogue

@Suite("Intents")
struct IntentTests {
    @Test("enum and file match one to one, and wire numbers read back")
    func oneToOne() throws {
        let root = try JSON(parsing: PackageResources.intents_json)
        let names = try #require(root["intents"]?.array).map { $0["intent"]?.string }
        #expect(names == Intent.allCases.map(\.rawValue))
        for intent in Intent.allCases { #expect(Intent(wireNumber: intent.wireNumber) == intent) }
        #expect(Intent.allCases.map { Int($0.wireNumber) } == Array(1...Intent.allCases.count))
        #expect(Intent(wireNumber: 0) == nil && Intent(wireNumber: 255) == nil)
    }

    @Test(
        "wire numbers that records rely on never change",
        arguments: [
            (Intent.approved, 1), (.callIssuer, 2), (.lostCard, 3), (.frozenAccount, 6), (.wrongPIN, 10),
            (.additionalProofRequired, 12), (.insufficientFunds, 18), (.moduleHalted, 31), (.macFailed, 35),
            (.duplicateConflict, 39), (.issuerUnavailable, 45), (.echoAccepted, 51),
        ] as [(Intent, UInt8)])
    func pinned(intent: Intent, number: UInt8) { #expect(intent.wireNumber == number) }

    @Test(
        "every intent has an outcome in every profile, and its code tells the terminal the same",
        arguments: Intent.allCases, NetworkProfile.allCases)
    func total(intent: Intent, profile: NetworkProfile) {
        let outcome = intent.outcome(in: profile)
        let reading = TerminalReading(code: outcome.code, in: profile)
        #expect(reading.intent != nil)
        #expect(reading.outcome == outcome)
        #expect(reading.isApproval == intent.isAccepted)
        #expect(outcome.capture == (outcome.action == .capture))
        #expect((outcome.retry == .afterSignOn) == (outcome.action == .signOn))
        #expect((outcome.code == .approved) == (outcome.action == .approve))
        if outcome.reversalNeeded { #expect(outcome.action == .decline) }
    }

    @Test("an approval is one intent; accepted are also reversals, advices and network messages")
    func approvals() {
        #expect(Intent.allCases.filter(\.isApproval) == [.approved])
        #expect(
            Intent.allCases.filter(\.isAccepted) == [
                .approved, .reversalAccepted, .adviceAccepted, .signOnAccepted, .signOffAccepted, .echoAccepted,
            ])
    }

    @Test("lost, stolen, frozen and locked cards get one answer and one text", arguments: NetworkProfile.allCases)
    func concealed(profile: NetworkProfile) {
        let concealed = Intent.allCases.filter(\.isConcealed)
        #expect(concealed == [.lostCard, .stolenCard, .frozenAccount, .frozenCard, .pinTriesExceeded])
        for intent in concealed {
            #expect(intent.outcome(in: profile) == Intent.frozenCard.outcome(in: profile))
            #expect(!intent.outcome(in: profile).capture)
            for language in Language.allCases {
                for audience in Audience.allCases {
                    #expect(intent.display(language, audience) == Intent.frozenCard.display(language, audience))
                }
                // Nor can the text be told from that of an ordinary decline.
                #expect(intent.display(language, .merchant) == Intent.genericDecline.display(language, .merchant))
                #expect(intent.display(language, .merchant) == Intent.insufficientFunds.display(language, .merchant))
            }
        }
    }

    @Test("no text names a state of the card that a thief could use", arguments: Intent.allCases)
    func discreet(intent: Intent) {
        for audience in Audience.allCases {
            let english = intent.display(.en, audience).lowercased()
            for word in ["lost", "stolen", "frozen", "locked", "blocked", "fraud", "pick up"] {
                #expect(!english.contains(word), "\(english)")
            }
            let chinese = intent.display(.zh, audience)
            for word in ["挂失", "被窃", "冻结", "锁定", "作弊", "欺诈", "没收"] { #expect(!chinese.contains(word)) }
            #expect(isEnglish(intent.display(.en, audience)))
            #expect(isChinese(chinese))
        }
    }

    @Test(
        "codes stand as the networks define them",
        arguments: [
            (Intent.approved, "00", "00"), (.callIssuer, "01", "01"), (.retainCard, "04", "04"),
            (.lostCard, "62", "62"),
            (.suspectedFraud, "59", "57"), (.genericDecline, "05", "57"), (.wrongPIN, "55", "55"),
            (.additionalProofRequired, "1A", "TS"), (.pinRequired, "70", "TP"), (.chipRequired, "TC", "45"),
            (.insufficientFunds, "51", "51"), (.exceedsLimit, "61", "61"), (.expiredCard, "54", "54"),
            (.cardDataWrong, "82", "59"), (.macFailed, "TM", "A0"), (.pinBlockUnusable, "TM", "99"),
            (.signOnRequired, "TM", "77"), (.unknownTerminal, "TU", "97"), (.securityViolation, "63", "A7"),
            (.systemError, "96", "96"), (.issuerUnavailable, "91", "91"), (.duplicateConflict, "94", "94"),
        ])
    func codes(intent: Intent, iso: String, unionPay: String) {
        #expect(intent.outcome(in: .iso8583).code.description == iso)
        #expect(intent.outcome(in: .unionPayPOS).code.description == unionPay)
    }

    @Test(
        "actions follow the intent",
        arguments: [
            (Intent.wrongPIN, TerminalAction.promptPIN, RetryRule.sameCard), (.pinRequired, .promptPIN, .sameCard),
            (.additionalProofRequired, .stepUp, .sameCard), (.callIssuer, .callIssuer, .later),
            (.retainCard, .capture, .never), (.moduleHalted, .halt, .later), (.moduleTampered, .halt, .later),
            (.leaseExpired, .halt, .later), (.healthNotProved, .halt, .later), (.terminalNotActive, .halt, .later),
            (.macFailed, .signOn, .afterSignOn), (.ksnRefused, .signOn, .afterSignOn),
            (.insufficientFunds, .decline, .later), (.lostCard, .decline, .never), (.restrictedGoods, .decline, .never),
        ])
    func actions(intent: Intent, action: TerminalAction, retry: RetryRule) {
        #expect(intent.outcome(in: .iso8583).action == action)
        #expect(intent.outcome(in: .iso8583).retry == retry)
    }

    @Test("the terminal reverses exactly where the issuer may have booked", arguments: NetworkProfile.allCases)
    func reversals(profile: NetworkProfile) {
        let reversing = Intent.allCases.filter { $0.outcome(in: profile).reversalNeeded }
        #expect(reversing == [.systemError, .issuerUnavailable])
    }

    @Test("without step-up a request for proof is a referral")
    func withoutStepUp() {
        #expect(Intent.additionalProofRequired.withoutStepUp == .callIssuer)
        #expect(Intent.pinRequired.withoutStepUp == .callIssuer)
        #expect(Intent.wrongPIN.withoutStepUp == .wrongPIN)
        #expect(Intent.approved.withoutStepUp == .approved)
    }

    @Test(
        "every code of two letters or digits has a reading, and only known accepting codes approve",
        arguments: NetworkProfile.allCases)
    func readingsAreTotal(profile: NetworkProfile) throws {
        let characters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var approving: [String] = []
        var unknown = 0
        for first in characters {
            for second in characters {
                let code = try #require(ResponseCode(ascii: [first, second]))
                let reading = TerminalReading(code: code, in: profile)
                #expect(reading.code == code)
                if reading.isApproval { approving.append(code.description) }
                if reading.intent == nil {
                    unknown += 1
                    #expect(reading.action == .decline && reading.reversalNeeded && !reading.capture)
                    #expect(isChinese(reading.display(.zh, .merchant)) && isEnglish(reading.display(.en, .cardholder)))
                }
            }
        }
        switch profile {
        case .iso8583: #expect(approving == ["00", "11"])
        case .unionPayPOS: #expect(approving == ["00", "11", "A2", "A4", "A5", "A6"])
        }
        #expect(unknown == 62 * 62 - IntentTable.readings[profile.column].count)
    }

    /// Codes of the UnionPay POS field 39 table with what they mean for a terminal.
    @Test(
        "received UnionPay codes are read by their class",
        arguments: [
            ("03", TerminalAction.decline), ("04", .capture), ("05", .decline), ("10", .decline), ("14", .decline),
            ("34", .capture), ("38", .decline), ("41", .capture), ("43", .capture), ("45", .decline),
            ("55", .promptPIN),
            ("68", .decline), ("75", .decline), ("77", .signOn), ("97", .halt), ("98", .decline), ("99", .signOn),
            ("A0", .signOn), ("A1", .decline), ("A2", .approve), ("A7", .decline), ("02", .decline), ("1A", .decline),
        ])
    func unionPay(code: String, action: TerminalAction) throws {
        let reading = TerminalReading(code: try #require(ResponseCode(code)), in: .unionPayPOS)
        #expect(reading.action == action)
    }

    @Test("a partial approval is no approval: it is reversed", arguments: NetworkProfile.allCases)
    func partialApproval(profile: NetworkProfile) throws {
        let reading = TerminalReading(code: try #require(ResponseCode("10")), in: profile)
        #expect(!reading.isApproval && reading.reversalNeeded)
    }

    @Test("every code of the two networks' tables has a reading")
    func tables() {
        let unionPay =
            "00 01 03 04 05 10 11 12 13 14 15 21 22 25 30 34 38 40 41 43 45 51 54 55 57 58 59 61 62 64 65 68 "
            + "75 77 90 91 92 94 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7"
        let international =
            "00 01 02 03 04 05 06 07 10 11 12 13 14 15 19 1A 21 25 30 33 34 36 38 39 40 41 43 51 54 55 57 "
            + "58 59 61 62 63 64 65 68 70 75 78 82 85 86 90 91 92 93 94 96 N7"
        for (list, profile) in [(unionPay, NetworkProfile.unionPayPOS), (international, .iso8583)] {
            for text in list.split(separator: " ") {
                #expect(ResponseCode(text).flatMap { Intent.intent(code: $0, in: profile) } != nil, "\(text)")
            }
        }
    }

    @Test("a response code is two letters or digits", arguments: ["", "0", "000", "0 ", " 0", "0-", "é", "０0", "0\n"])
    func badCodes(text: String) { #expect(ResponseCode(text) == nil) }

    @Test("a response code keeps its characters and order")
    func codeRoundTrip() throws {
        let code = try #require(ResponseCode("A0"))
        #expect(code.description == "A0" && code.bytes == [0x41, 0x30])
        #expect(ResponseCode.approved == ResponseCode("00"))
        #expect(ResponseCode.approved < code)
    }
}
