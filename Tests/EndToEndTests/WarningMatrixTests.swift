// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import Terminal
import Testing
import Vocabulary

/// Every warning of the catalogue from its cause to its end, with the real module, terminal and host.
@Suite("The matrix of warnings")
struct WarningMatrixTests {
    @Test(
        "its cause opens it, it stops and erases what the catalogue says, and it ends as the catalogue says",
        arguments: WarningCourse.all)
    func course(course: WarningCourse) throws {
        let scene = try WarningScene(course)
        let before = try require(scene.till.slots)

        try course.cause(scene)
        try scene.pass(course.heartbeat + .seconds(10))
        #expect(course.code.entry.levels.contains { $0.severity == course.severity })
        for place in course.places { #expect(try scene.isOpen(place), "\(place)") }
        try scene.checkSales("while it is open")
        let after = scene.till.slots
        if let after { #expect(after == scene.expectedSlots(before)) }
        try scene.checkStrangers()

        try course.cure(scene)
        // A module without random bytes gives no evidence, and has the keys that it had.
        if after == nil { #expect(scene.till.slots == scene.expectedSlots(before)) }
        try scene.clear()
        if let renew = course.renew {
            try scene.settle()
            try scene.checkSales("under the old keys")
            try renew(scene)
        }

        scene.signOn()
        try scene.settle()
        #expect(scene.till.sell(scene.card, 1_00)?.isApproved == true, scene.summary)
        #expect(try scene.record.warnings.isEmpty && scene.record.lifecycle == .active)
        #expect(scene.till.terminal.openWarnings.isEmpty && scene.till.status.openWarnings.isEmpty)
        #expect(try scene.hostRefusal() == nil)
        try scene.bank.check()
    }

    @Test("the table covers the catalogue, and what it lacks is named with its reason")
    func complete() {
        let covered = Set(WarningCourse.all.map(\.code))
        let lacking = WarningCourse.notYet.map(\.0)
        print("\(covered.count)/\(WarningCode.allCases.count)")
        #expect(WarningCode.allCases.filter { !covered.contains($0) } == lacking)
        #expect(lacking.isEmpty)
        #expect(!WarningCourse.notYet.contains { $0.1.isEmpty })
    }
}
