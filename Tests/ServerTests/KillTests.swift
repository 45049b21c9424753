// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import GRDB
import Host
import HostServer
import Issuer
import NIOCore
import NIOPosix
import SecurityTriggers
import Synchronization
import Testing
import Vocabulary

@testable import Storage
@testable import tillguard

@Suite("What is answered is kept")
struct KillTests {
    /// One till's memory of what it asked and was told.
    struct Book: Sendable {
        /// Requests and the answers whose MAC was right, in order.
        var answered: [(stan: String, request: [UInt8], answer: [UInt8], code: String, rrn: String)] = []
        /// Sent, and no answer came.
        var open: (stan: String, request: [UInt8])?
    }

    static let tillCount = 4

    @Test("The running store waits for the disk at every commit")
    func fullSynchronous() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            let journal = recovered.journal
            let keys = try HostKeys.open(in: directory.path)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let server = try await HostServer.start(
                recovered, module: keys.module, configuration: .init(), on: group.next(), logger: silent,
                clock: WallClock.now, sink: { _ in })
            let shop = DemoEstate.shops[0]
            try await server.submit(
                .addMerchant(shop.id, .init(name: shop.name, mcc: shop.mcc, place: shop.place)), by: DemoEstate.maker)
            // The writer's own connection, the one that has just committed.
            let (level, mode) = try await journal.pool.writeWithoutTransaction { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode")
                )
            }
            #expect(level == 2 && mode == "wal")
            #expect(try directory.records().count == 1)
            try await server.shutdown()
            try await group.shutdownGracefully()
        }
    }

    @Test("Killed at any moment, the server has kept every answer it gave, and gives it again")
    func killed() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, Self.tillCount)
            let tills = try SpareEstate.tills(directory, Self.tillCount)
            var books = [Book](repeating: Book(), count: Self.tillCount)
            var random = SystemRandom()
            for round in 0..<6 {
                let (child, port) = try await Child.serve(directory)
                books = try await resume(tills, books, port, signingOn: round == 0)
                books = try await trade(tills, books, port, killing: child, after: 3 + random.below(40))
                #expect(try await child.exit() == nil)
                try check(directory, tills, books)
            }
            let (child, port) = try await Child.serve(directory)
            books = try await resume(tills, books, port, signingOn: false)
            child.interrupt()
            #expect(try await child.exit() == 0)
            try check(directory, tills, books)
            try checkBalances(directory, books)
            #expect(books.reduce(0) { $0 + $1.answered.count } > 18)
        }
    }

    @Test("A server whose disk is full stops with one line and a code, and has kept every answer it gave")
    func fullDisk() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, Self.tillCount)
            let tills = try SpareEstate.tills(directory, Self.tillCount)
            var books = [Book](repeating: Book(), count: Self.tillCount)
            // The pages' database is laid out first, which takes more than there will be.
            let (first, _) = try await Child.serve(directory)
            first.interrupt()
            #expect(try await first.exit() == 0)
            // No file may grow beyond 400 KiB; the write that would fails instead of ending the process.
            let (child, port) = try await Child.serve(directory, limits: "trap '' XFSZ; ulimit -f 800;")
            books = try await resume(tills, books, port, signingOn: true)
            books = try await trade(tills, books, port, killing: child, after: .max)
            let code = try await child.exit()
            #expect(code != 0 && code != nil)
            let last = try #require(child.errors.split(separator: "\n").last)
            #expect(last.contains("journal could not be written"), "\(child.errors)")
            #expect(books.contains { !$0.answered.isEmpty })
            try check(directory, tills, books)

            let (again, newPort) = try await Child.serve(directory)
            books = try await resume(tills, books, newPort, signingOn: false)
            again.interrupt()
            #expect(try await again.exit() == 0)
            try check(directory, tills, books)
            try checkBalances(directory, books)
        }
    }

    @Test("A host recovered from a snapshot, from the journal alone, and the one that ran are the same")
    func sameDigest() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, Self.tillCount)
            let tills = try SpareEstate.tills(directory, Self.tillCount)
            let (child, port) = try await Child.serve(directory)
            let books = try await resume(tills, Array(repeating: Book(), count: Self.tillCount), port, signingOn: true)
            _ = try await trade(tills, books, port, killing: child, after: 30)
            #expect(try await child.exit() == nil)

            let copy = try TemporaryDirectory()
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
            where name.hasPrefix("journal.db") {
                try FileManager.default.copyItem(atPath: directory.file(name), toPath: copy.file(name))
            }
            #expect(try copy.snapshots().isEmpty && !directory.snapshots().isEmpty)
            let alone = try Self.recovered(copy)
            #expect(alone.replayed == (try copy.records().count))
            let fresh = try Self.recovered(directory)
            #expect(fresh.digest == alone.digest)
            #expect(fresh.replayed > 0 && fresh.replayed < alone.replayed)
            // The whole server, twice: each shutdown writes a snapshot of its own.
            for _ in 0..<2 {
                let digest = try await ServerHouse.on(directory) { try await $0.deployment.server.digest() }
                #expect(digest == alone.digest)
            }
            #expect(try Self.recovered(directory).replayed == 0)
        }
    }

    // MARK: - Steps

    static func recovered(_ directory: TemporaryDirectory) throws -> (digest: [UInt8], replayed: Int) {
        let host = try RecoveredHost.open(
            at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
        #expect(host.host.brokenInvariants().isEmpty)
        return (host.host.digest(), host.replayed)
    }

    /// After a start: what was answered is answered the same, what was not is asked again.
    func resume(_ tills: [Till], _ books: [Book], _ port: Int, signingOn: Bool) async throws -> [Book] {
        var books = books
        for (index, till) in tills.enumerated() {
            let line = try await Line.open(port)
            if signingOn { try await till.signOn(on: line) }
            if let open = books[index].open {
                let answer = try await till.ask(open.request, on: line)
                #expect(answer.code == "00" && answer.isAuthentic)
                books[index].remember(open, answer)
            }
            for known in books[index].answered.suffix(3) {
                #expect(try await line.ask(known.request) == known.answer)
            }
            try await line.close()
        }
        return books
    }

    /// All tills sell as fast as they can, until so many answers have come; with the last one the server is killed.
    func trade(
        _ tills: [Till], _ books: [Book], _ port: Int, killing child: Child, after answers: Int,
        before death: @escaping @Sendable () -> Void = {}
    ) async throws -> [Book] {
        let count = Shared(0)
        return try await withThrowingTaskGroup(of: (Int, Book).self) { group in
            for (index, till) in tills.enumerated() {
                let book = books[index]
                group.addTask {
                    var book = book
                    let card = try SpareEstate.card(index)
                    // The server may be gone before the last till has come.
                    guard let line = try? await Line.open(port) else { return (index, book) }
                    while true {
                        let message = await till.purchase(.init(card, 1_00))
                        let request = try await till.protect(message)
                        book.open = (message[11] ?? "", request)
                        guard let bytes = try await line.ask(request) else { return (index, book) }
                        let answer = try await till.read(bytes)
                        #expect(answer.code == "00" && answer.isAuthentic)
                        book.remember(try #require(book.open), answer)
                        if count.change({
                            $0 += 1; return $0
                        }) == answers {
                            death()
                            child.killAtOnce()
                        }
                    }
                }
            }
            var result = books
            for try await (index, book) in group { result[index] = book }
            return result
        }
    }

    /// Every answer is in the journal, and nothing is there twice.
    func check(_ directory: TemporaryDirectory, _ tills: [Till], _ books: [Book]) throws {
        let sales = try directory.records().compactMap { record -> Authorisation? in
            if case .authorisation(let sale) = record.body { sale } else { nil }
        }
        for (till, book) in zip(tills, books) {
            let own = sales.filter { $0.usage.terminal == till.id }
            let stans = own.map { Int($0.names.key.stan.number) }
            #expect(Set(stans).count == stans.count, "\(till.id) has a sale twice")
            // A till in a soak has sold tens of thousands of times.
            let recorded = Dictionary(own.map { (Int($0.names.key.stan.number), $0) }) { first, _ in first }
            for answered in book.answered {
                let record = Int(answered.stan).flatMap { recorded[$0] }
                let rrn = try #require(record, "\(till.id) \(answered.stan) is lost").answer.rrn
                #expect(rrn.number == UInt64(answered.rrn))
            }
            let unanswered = own.count - book.answered.count
            #expect(unanswered == 0 || (unanswered == 1 && book.open != nil))
        }
    }

    func checkBalances(_ directory: TemporaryDirectory, _ books: [Book]) throws {
        let recovered = try RecoveredHost.open(
            at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
        for (index, book) in books.enumerated() {
            let available = recovered.host.issuer.accounts[SpareEstate.account(index)]?.available
            #expect(available == SpareEstate.available - Int64(book.answered.count) * 1_00)
        }
    }
}

extension KillTests.Book {
    fileprivate mutating func remember(_ open: (stan: String, request: [UInt8]), _ answer: Till.Answer) {
        answered.append((open.stan, open.request, answer.bytes, answer.code, answer.message[37] ?? ""))
        self.open = nil
    }
}
