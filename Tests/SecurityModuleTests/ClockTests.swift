// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@Suite("The clock against signed time")
struct ClockTests {
    /// Attests, and hands the ticket in after its travel.
    private func signOn(
        _ bench: Bench, hostTime: Instant?, travel: Interval = .seconds(2), grants: Bool = true, lease: UInt32 = 2
    ) {
        _ = bench.attest()
        bench.wait(travel)
        bench.accept(bench.ticket(lease: lease, grants: grants, hostTime: hostTime))
    }

    @Test(
        "a ticket's time may lie 300 s before the attestation or behind the arrival, and no further",
        arguments: [(-300, false), (-301, true), (0, false), (2, false), (302, false), (303, true), (90_000, true)])
    func tolerance(offset: Int64, isOff: Bool) throws {
        let bench = try Bench()
        bench.signOn()
        signOn(bench, hostTime: bench.now + .seconds(offset))
        #expect(bench.status.openWarnings == (isOff ? [RaisedWarning(.h06, .s3)] : []))
        #expect(refusal(bench.protect(.authorisation)) == (isOff ? .halted : nil))
        #expect(isProtected(bench.protect(.delivery)))
    }

    @Test("the time an answer travels is the answer's: only what it cannot explain is the clock's")
    func travel() throws {
        let bench = try Bench()
        bench.signOn()
        signOn(bench, hostTime: bench.now + .seconds(100), travel: .minutes(20))
        #expect(bench.status.openWarnings.codes == [])
        signOn(bench, hostTime: bench.now - .seconds(301), travel: .minutes(20))
        #expect(bench.status.openWarnings.codes == [.h06])
        // An answer held back for longer than the tolerance proves no agreement.
        signOn(bench, hostTime: bench.now, travel: .seconds(301), grants: false)
        signOn(bench, hostTime: nil)
        #expect(bench.status.openWarnings.codes == [.h06])
        signOn(bench, hostTime: bench.now, travel: .seconds(300))
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("a module's clock that runs ahead is H06 until a signed time agrees again; a restart forgets nothing")
    func skew() throws {
        let bench = try Bench()
        bench.signOn()
        bench.make(.clock)
        #expect(bench.status.openWarnings.codes == [])
        signOn(bench, hostTime: bench.now)
        #expect(bench.status.openWarnings.codes == [.h06])
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [.h06])
        #expect(try require(bench.attest()).openWarnings.codes == [.h06])

        // The clock is set right: a step back, which voids lease and self-test.
        bench.hardware.repair(.clock)
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.h06, .a02, .s03])
        // The host still reads H06, refuses, and tells the time all the same; the next evidence claims it no more.
        signOn(bench, hostTime: bench.now, grants: false)
        #expect(bench.status.openWarnings.codes == [.h06, .a02, .s03])
        #expect(try require(bench.attest()).openWarnings.codes == [.a02, .s03])
        signOn(bench, hostTime: bench.now, lease: 3)
        #expect(bench.status.openWarnings.codes == [])
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("a step forward looks like sleep: it raises nothing by itself, and what is too old by then stops by itself")
    func forward() throws {
        let bench = try Bench()
        bench.signOn()
        bench.wait(.hours(2))
        bench.sense()
        #expect(bench.status.openWarnings.codes == [])
        bench.wait(.days(3))
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.a02, .s03])
    }
}
