// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Demo
import Vocabulary

/// What terminal and estate find.
extension Scenario {
    static let tampering: [Scenario] = [
        Scenario(.t01, bench: "tamper", "the case is opened"),
        Scenario(.t02, bench: "overheat", "the module is heated beyond its tamper limit"),
        Scenario(.t03, attested: "debugger", "a debugger is attached"),
        Scenario(.t04, attested: "moved", "the terminal is in another country"),
        // With the terminal's keys, behind counters that it has left out.
        Scenario(.t05, at: [.desk], by: "another device claims the terminal's number") { course in
            try course.placeClaimant([.init("serial", "2329"), .init("behind", 30)])
        }.with {
            $0.expectation.stopsClaimant = true
            $0.lead = { course in
                try course.till.ask("burn", [.init("count", 40)])
                try course.expectSale()
            }
            $0.cure = { try $0.claimant().ask("remove") }
        },
        Scenario(.t06, at: [.terminal, .desk], by: "the technician finds an overlay") { course in
            try course.inspect(finding: ["overlay"])
            try course.till.signOn()
        }.with { $0.renew = { try $0.inspect(finding: []) } },
    ]

    static let links: [Scenario] = [
        Scenario(.l01, at: [.terminal, .desk], bench: "loose", "the connector loses contact"),
        // The swap was permitted, and the new module comes with the old keys.
        Scenario(.l02, at: [.terminal, .desk], by: "a module with another serial number is put in") { course in
            try course.people.order(
                "\(course.page)/orders/permitSwap", ["serial": .string(course.otherSerial)], by: "oper1", and: "oper2")
            try course.till.ask("exchange", [.init("serial", .string(course.otherSerial))])
        }.with {
            $0.expectation.isOutOfReach = true
            $0.renew = { try $0.issueKeys() }
        },
        // Three resets, thirty seconds apart.
        Scenario(
            .l03, at: [.terminal, .desk], bench: "unresponsive", "the module answers nothing, also after three resets",
            repairs: false
        ).with { ($0.secondsMax, $0.waitsAside) = (150, true) },
    ]

    static let lifecycle: [Scenario] = [
        Scenario(.a01, bench: "notActivated", "the activation record is erased"),
        Scenario(.a02, by: "the line is cut for a day") { course in
            try course.till.fault("unplugged")
            course.pass(hours: 25)
        }.with {
            // The host looks at its clock once a minute.
            $0.secondsMax = 90
            $0.cure = { try $0.till.repair("unplugged") }
        },
        Scenario(.a03, .s2, at: [.terminal, .desk], by: "the firmware is below what is recommended, past the deadline")
        {
            course in
            let fields: JSON = [
                "model": 2, "recommended": "1.3.0", "minimum": "1.3.0",
                "deadline": .string((course.now() + .seconds(-60)).iso8601),
            ]
            try course.people["oper1"].does("/estate/acts/setReleases", fields)
            try course.till.signOn()
        }.with {
            $0.model = 2
            $0.cure = { try $0.till.ask("install", [.init("version", "1.3.0")]) }
        },
        // No ticket says that the old version has attested.
        Scenario(.a04, by: "a signed version is tried three times and never attests") { course in
            try course.till.fault("moduleRestart")
        }.with {
            $0.lead = { course in
                try course.till.fault("answersLost")
                try course.till.fault("deadUpdate")
                for _ in 0..<3 { try course.till.fault("moduleRestart") }
            }
            ($0.isPinned, $0.secondsMax) = (true, 60)
            $0.cure = { try $0.till.repair("answersLost") }
        },
        Scenario(.a05, at: [.terminal, .desk], by: "the merchant's contract is with another acquirer") { course in
            try course.people["oper1"].does(
                "/estate/acts/setTerms",
                ["merchant": .string(course.merchant), "acquirer": 5, "account": 6, "radius": 1_000])
            try course.till.signOn()
        }.with { $0.shop = 5 },
    ]

    static let application: [Scenario] = [
        Scenario(.c01, attested: "otherRevision", "the board's revision is in no matrix").with {
            $0.prepare = { try $0.importMatrix() }
        },
        Scenario(.c02, bench: "incompatible", "the firmware is a version nobody approves of"),
        Scenario(.p01, bench: "application", "one bit of the POS application is another").with { $0.isPinned = true },
        Scenario(.p02, at: [.terminal, .desk], by: "the journal's disk is full") { course in
            try course.till.fault("journalFull")
            try course.till.beginSale(1_00)
        }.with { $0.cure = { try $0.till.repair("journalFull") } },
        Scenario(.p03, at: [.desk], by: "nothing is heard of the terminal for a day") { course in
            try course.till.fault("unplugged")
            course.pass(hours: 25)
        }.with {
            ($0.expectation.isCutOff, $0.secondsMax) = (true, 90)
            $0.cure = { try $0.till.repair("unplugged") }
        },
        Scenario(.p04, at: [.terminal, .desk], by: "a reversal stays undelivered for an hour") { course in
            try course.till.fault("answersLost")
            _ = try course.till.sell()
            course.pass(hours: 1, minutes: 5)
        }.with {
            $0.secondsMax = 60
            $0.cure = { try $0.till.repair("answersLost") }
        },
    ]
}
