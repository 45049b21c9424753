// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Demo

extension DemoTests {
    @Suite("Rows that are lied to")
    struct SabotageTests {
        @Test("a row that is told the truth again says the same again", arguments: Row.all.map(\.id))
        func replayIsFaithful(id: String) throws {
            let run = try DemoRun.shared.get()
            let row = try #require(Row.all.first { $0.id == id })
            let recorded = try #require(run.report.rows.first { $0.row == id })
            let recording = try #require(run.recordings[id], "\(recorded.evidence)")
            let again = try row.report(through: Player(recording))
            #expect(again == recorded)
            #expect(again.status != .failed, "\(again.evidence)")
        }

        @Test("a row stops working where the world does not do what it must", arguments: Sabotage.all)
        func sabotageIsSeen(sabotage: Sabotage) throws {
            let run = try DemoRun.shared.get()
            let row = try #require(Row.all.first { $0.id == sabotage.row })
            let player = Player(try #require(run.recordings[row.id]), change: sabotage.change())
            let report = try row.report(through: player)
            #expect(player.changes > 0, "the sabotage changed nothing")
            #expect(report.status == .failed, "\(report.evidence)")
        }

        @Test("every row is sabotaged", arguments: Row.all.map(\.id))
        func everyRowIsSabotaged(id: String) {
            #expect(Sabotage.all.contains { $0.row == id })
        }
    }
}
