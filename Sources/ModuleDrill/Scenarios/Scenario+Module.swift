// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Demo
import Vocabulary

/// What the module finds in itself and its hardware.
extension Scenario {
    static let hardware: [Scenario] = [
        Scenario(.h01, bench: "selfTest", "the algorithm unit computes wrongly"),
        Scenario(.h02, bench: "random", "the noise source is stuck"),
        Scenario(.h03, bench: "keyStore", "one bit of a stored key is another", repairs: false).with {
            $0.expectation.lost = ["lease"]
            $0.cure = { try $0.till.ask("load") }
        },
        Scenario(
            .h04, at: [.module, .terminal], bench: "imageOld", "the memory of twenty sales ago is put back",
            repairs: false
        ).with {
            $0.lead = { course in
                try course.till.fault("imageCopied")
                for _ in 0..<20 { try course.expectSale() }
            }
            $0.cure = { try $0.issueKeys() }
        },
        Scenario(.h05, bench: "battery", "the backup battery is low"),
        Scenario(.h06, bench: "temperature", "the module is too warm"),
        Scenario(.h07, bench: "stuckKey", "a key of the keypad is stuck"),
    ]

    static let software: [Scenario] = [
        Scenario(.s01, bench: "executable", "one bit of the module's executable is another").with {
            $0.isPinned = true
        },
        Scenario(.s02, by: "the module loses its power four times") { course in
            for _ in 0..<2 { try course.till.fault("moduleCrash") }
        }.with { row in row.lead = { course in for _ in 0..<2 { try course.till.fault("moduleCrash") } } },
        // Its host is out of hearing, so that no ticket makes good what was missed.
        Scenario(.s03, by: "a day passes, and no answer of the host comes back") { course in
            try course.till.fault("answersLost")
            course.pass(hours: 25)
        }.with {
            $0.secondsMax = 60
            $0.cure = { try $0.till.repair("answersLost") }
        },
        Scenario(.s04, bench: "misuse", "the application asks ten times for what no module gives", repairs: false),
        // A few at a time: every terminal of the bench has its turn in between.
        Scenario(.s05, .s4, by: "nine hundred and thirty self-tests, each of which is in the audit log") { course in
            for _ in 0..<186 { try course.till.fault("selfTests") }
        },
        Scenario(.s06, bench: "logChain", "one bit of the stored key of the log's records is another", repairs: false),
    ]

    static let keys: [Scenario] = [
        Scenario(.k01, by: "two people revoke the key set") { course in
            let fields: JSON = ["keySet": .integer(Int64(course.keySet)), "since": .string(course.now().iso8601)]
            try course.people.order("/estate/orders/revokeKeySet", fields, by: "oper1", and: "oper2")
            try course.till.signOn()
        }.with {
            $0.keySet = 11
            $0.renew = { try $0.issueKeys() }
        },
        Scenario(.k02, bench: "missingKey", "the memory of the financial keys loses them").with {
            $0.expectation.lost = ["dukpt"]
            $0.cure = { course in
                try course.till.repair("missingKey")
                try course.till.ask("load")
            }
        },
        Scenario(.k03, .s2, at: [.terminal, .desk], by: "the key set has ended") { course in
            let fields: JSON = [
                "keySet": .integer(Int64(course.keySet)), "until": .string((course.now() + .seconds(-60)).iso8601),
            ]
            try course.people["oper1"].does("/estate/acts/setKeySetEnd", fields)
            try course.till.signOn()
        }.with {
            $0.keySet = 21
            $0.cure = { try $0.issueKeys() }
        },
        // The copy's counters have been used by the terminal meanwhile: two things are said under one key.
        Scenario(.k04, by: "a copy of the terminal of twenty sales ago goes on line beside it") { course in
            try course.placeClaimant([])
            try course.wait(for: "K04 at the desk") { try course.desk().open.contains("K04") }
            try course.people.order("\(course.page)/orders/erase", ["code": "K04"], by: "oper1", and: "oper2")
            // Counters that the terminal has used are refused: the copy is heard once it has come past them.
            try course.wait(for: "both devices to erase themselves", every: 500) {
                try [course.till, course.claimant()].allSatisfy { device in
                    if try device.slots.isEmpty { return true }
                    try device.signOn()
                    return false
                }
            }
        }.with {
            $0.lead = { course in
                try course.till.ask("copy")
                for _ in 0..<20 { try course.expectSale() }
                // The copy must not come to the counter of the sale that is held back.
                try course.till.ask("burn", [.init("count", 25)])
            }
            $0.cure = { try $0.claimant().ask("remove") }
        },
        Scenario(.k05, bench: "pinGuessing", "somebody tries a hundred and forty PINs", repairs: false).with { row in
            row.lead = { course in for _ in 0..<12 { try course.till.fault("pinGuessing") } }
            row.cure = { $0.pass(hours: 1, minutes: 5) }
        },
        Scenario(.k06, by: "three answers in a row are altered on the line") { course in
            try course.till.fault("answersAltered")
            try course.till.beginSale(1_00)
        }.with {
            $0.profile = "sessionTDESCBC"
            $0.expectation.lost = ["session"]
            $0.cure = { try $0.till.repair("answersAltered") }
        },
        Scenario(.k07, by: "five wrong supervisor passcodes") { course in
            for _ in 0..<5 {
                try course.till.ask("supervisor", [.init("number", 1), .init("act", "enter")])
                try course.till.type("13579")
            }
        }.with {
            $0.prepare = { course in
                try course.till.ask("supervisor", [.init("number", 1), .init("act", "enrol")])
                try course.till.type("24680")
            }
        },
    ]
}
