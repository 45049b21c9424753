// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Synchronization
import Testing
import Vocabulary

@testable import tillguard

/// A healthy terminal that trades on while others misbehave.
struct Neighbour {
    /// Runs `body` while the neighbour sells, one sale after another; every one of them must be approved by an answer
    /// with a valid MAC, some of them after `body` has done its worst, and every one must be in the journal.
    static func trading(beside house: ServerHouse, _ body: () async throws -> Void) async throws {
        let (till, line) = try await house.till(5)
        let isOver = Atomic(false)
        async let sales: Int = {
            var count = 0
            var after = 0
            while after < 2 {
                if isOver.load(ordering: .acquiring) { after += 1 }
                let answer = try await till.sell(Till.Sale(DemoEstate.cards[7], 100), on: line)
                guard answer.code == "00", answer.isAuthentic else {
                    Issue.record("the neighbour was answered \(answer.code)")
                    break
                }
                count += 1
            }
            return count
        }()
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        isOver.store(true, ordering: .releasing)
        let count = try await sales
        try result.get()
        let booked = try house.sales().count { $0.usage.terminal == till.id && $0.answer.intent == .approved }
        #expect(booked == count)
        try await line.close()
    }
}
