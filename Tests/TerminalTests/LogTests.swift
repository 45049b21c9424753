// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct LogTests {
    /// The numbers of the records that each message brought.
    private func told(_ rig: Rig) -> [[UInt8]] {
        rig.sent.filter { $0[.administrativeData] == "LOG" }.map { Array($0.bytes(57) ?? []) }
    }

    private func asked(_ records: UInt32) -> Rig {
        var rig = Rig(Rig.configuration())
        rig.module.logIndex = records
        rig.host.asksForLog = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        return rig
    }

    @Test func `The log is sent segment after segment when a sign-on's answer asks for it, and only then`() {
        var quiet = Rig(Rig.configuration())
        quiet.module.logIndex = 10
        quiet.fire(.powerUp)
        quiet.fire(.connected)
        #expect(told(quiet).isEmpty && quiet.module.collections.isEmpty)
        var rig = asked(10)
        #expect(told(rig) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]])
        #expect(rig.module.collections == [999, 999, 999])
        rig.clear()
        rig.module.logIndex = 12
        rig.wait(.minutes(10))
        #expect(told(rig).isEmpty)
        rig.wait(.hours(4))
        #expect(told(rig) == [[11, 12]])
    }

    @Test func `What has no answer is collected and sent again, and given up after some attempts`() {
        var rig = asked(4)
        rig.clear()
        rig.module.logIndex = 6
        rig.host.logCode = "96"
        rig.wait(.hours(4) + .minutes(30))
        #expect(told(rig) == Array(repeating: [5, 6], count: LogLink.attemptsMax))
        rig.clear()
        rig.host.logCode = "00"
        rig.wait(.hours(5))
        #expect(told(rig) == [[5, 6]])
    }

    @Test func `A log that fills up is sent unasked, and a sign-on follows that brings the acknowledgement`() {
        var rig = Rig.ready()
        rig.module.logIndex = 5
        rig.module.warnings = [.s05]
        rig.wait(.seconds(10))
        #expect(told(rig) == [[1, 2, 3, 4], [5]])
        let types = rig.sent.map(\.mti)
        #expect(types.suffix(2) == [.networkRequest, .networkRequest])
        rig.clear()
        rig.wait(.minutes(10))
        #expect(told(rig).isEmpty)
    }

    @Test func `A tampered module's log goes out with its death token, without protection, once`() {
        var rig = Rig.ready()
        rig.module.logIndex = 6
        rig.module.state = .tampered
        rig.module.warnings = [.t01]
        rig.module.deathToken = [0xDE, 0xAD]
        rig.wait(.minutes(10))
        #expect(told(rig) == [[1, 2, 3, 4], [5, 6]])
        for message in rig.sent where message[.administrativeData] == "LOG" {
            #expect(message.bytes(58).map { Array($0) } == [0xDE, 0xAD] && !message.has(63) && message.macField == nil)
        }
    }

    @Test func `A module that knows fewer records than the one before is collected from its first`() {
        var rig = asked(8)
        rig.clear()
        rig.module.logIndex = 2
        rig.wait(.hours(4) + .seconds(10))
        #expect(told(rig) == [[1, 2]])
    }
}
