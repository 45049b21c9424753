// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import ModuleProtocol
import NIOCore
import NIOPosix
import PaymentCryptography
import SecurityModule
import Terminal
import Testing
import Vocabulary

@testable import TerminalAgent
@testable import tillguard

/// A virtual terminal whose files fail, are full, or are damaged.
@Suite("A virtual terminal's store")
struct TerminalStoreTests {
    static let start = Instant(seconds: 1_788_000_000)
    static let till = DemoEstate.tills[1]

    static func provisioning(_ host: SoftHostModule, _ unit: ModuleUnit = .own) -> ModuleProvisioning {
        host.provision(
            DemoEstate.record(of: till).keys(till.id), serial: till.serial + (unit == .own ? 0 : 1),
            firmware: DemoEstate.firmware)
    }

    private static func module(_ store: FailingStore, _ host: SoftHostModule) throws -> VirtualModule {
        try VirtualModule(store, now: start) { provisioning(host) }
    }

    // MARK: - Module

    @Test("A module whose store fails at any call gives no reply, does no more, and goes on from what is durable")
    func moduleFails() throws {
        let host = SoftHostModule.create()
        for left in 0..<12 {
            let store = FailingStore()
            let unit = try Self.module(store, host)
            store.left = left
            var failures = 0
            for nonce in 0..<6 as Range<UInt8> {
                let before = store.calls.count
                let command = TerminalModuleCommand.attest(
                    nonce: [UInt8](repeating: nonce, count: 16), application: DemoEstate.application)
                do { _ = try unit.handle(command, now: Self.start) } catch {
                    failures += 1
                    if failures > 1 { #expect(store.calls.count == before, "a call behind a failure") }
                }
                if failures > 0 { #expect(store.left == 0) }
            }
            store.left = nil
            let counter = store.counter
            let again = try Self.module(store, host)
            #expect(again.status(now: Self.start).openWarnings.contains(.h04) == false)
            #expect(again.hardware.nvCounter >= counter)
            guard case .status = try again.handle(.status, now: Self.start) else {
                Issue.record("no status after \(left) calls")
                return
            }
        }
    }

    @Test("A full disk does not save the keys of a module that is being opened")
    func tamperOnFullDisk() throws {
        let host = SoftHostModule.create()
        for left in 1..<6 {
            for spared in [[FailingStore.Call.erasure], []] {
                let store = FailingStore()
                let unit = try Self.module(store, host)
                guard case .status = try unit.handle(.status, now: Self.start) else { throw TerminalFilesError.stopped }
                store.left = left
                store.spared = spared
                // The first change is the sensor's own.
                let hasFailed = (try? unit.change(now: Self.start) { $0.apply(.tamper) }) == nil
                if !spared.isEmpty { #expect(!store.holdsKey) }
                store.left = nil
                if hasFailed {
                    #expect(throws: TerminalFilesError.stopped) { try unit.handle(.status, now: Self.start) }
                }
                #expect(!store.holdsKey, "\(left) calls")
                let again = try Self.module(store, host)
                #expect(again.status(now: Self.start).state == .tampered)
            }
        }
    }

    @Test("A module whose image or hardware is damaged or gone is not made anew, since a counter would fall back")
    func damagedImage() throws {
        let host = SoftHostModule.create()
        let store = FailingStore()
        _ = try Self.module(store, host)
        store.damageImage()
        #expect(throws: TerminalFilesError.imageRefused) { try Self.module(store, host) }
        let directory = try TemporaryDirectory()
        for (name, error) in [
            ("hardware", TerminalFilesError.missing("hardware")), ("module.image", .missing("module.image")),
        ] {
            let path = directory.file(name)
            _ = try VirtualModule(TerminalFiles(path), now: Self.start) { Self.provisioning(host) }
            try FileManager.default.removeItem(atPath: path + "/" + name)
            #expect(throws: error) {
                try VirtualModule(TerminalFiles(path), now: Self.start) { Self.provisioning(host) }
            }
        }
    }

    // MARK: - Files

    @Test("A damaged journal is told from a torn one, wherever it is damaged, and kept as it was")
    func damagedJournal() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("till")
        let records: [[UInt8]] = (0..<4).map { [UInt8](repeating: $0, count: 20) }
        try TerminalFiles(path).append(records)
        let journal = URL(filePath: path + "/journal")
        let whole = try Data(contentsOf: journal)
        let frame = whole.count / records.count
        for cut in [1, 3, 5, frame - 1] {
            try whole.dropLast(cut).write(to: journal)
            let reading = try TerminalFiles(path).journal()
            #expect(reading.records == Array(records.dropLast()) && !reading.isDamaged, "cut by \(cut)")
        }
        for offset in 0..<(3 * frame) {
            var damaged = whole
            damaged[offset] ^= 0x80
            try damaged.write(to: journal)
            let files = try TerminalFiles(path)
            let reading = try files.journal()
            #expect(reading.isDamaged && reading.records == Array(records.prefix(offset / frame)), "byte \(offset)")
            #expect(try Data(contentsOf: journal) == damaged)
            guard offset == frame else { continue }
            #expect(throws: TerminalFilesError.damaged("journal")) { try files.append([[1]]) }
            try files.setJournalAside()
            #expect(try Data(contentsOf: URL(filePath: path + "/journal.damaged-1")) == damaged)
            try files.append([[7]])
            #expect(try TerminalFiles(path).journal().records == [[7]])
        }
    }

    @Test("A journal that is full takes no record, keeps those it has, and is whole again when it is rewritten")
    func fullJournal() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("till")
        let files = try TerminalFiles(path)
        try files.append([[1], [2]])
        files.fillJournal(true)
        #expect(throws: TerminalFilesError.full) { try files.append([[3]]) }
        #expect(throws: TerminalFilesError.full) { try files.rewrite([9]) }
        #expect(try TerminalFiles(path).journal().records == [[1], [2]])
        files.fillJournal(false)
        try files.rewrite([9])
        try files.append([[3]])
        #expect(try TerminalFiles(path).journal().records == [[9], [3]])
    }

    @Test("An erased storage key is overwritten before it is unlinked, and one that was only overwritten is none")
    func erasedKey() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("till")
        let files = try TerminalFiles(path)
        #expect(try files.storageKey(makeIfAbsent: true) != nil)
        // A second name for the same file shows what was written into it.
        try FileManager.default.linkItem(atPath: path + "/storage.key", toPath: path + "/second")
        try files.eraseStorageKey()
        #expect(try Data(contentsOf: URL(filePath: path + "/second")) == Data(repeating: 0, count: 32))
        #expect(try files.storageKey(makeIfAbsent: false) == nil)
        try FileManager.default.moveItem(atPath: path + "/second", toPath: path + "/storage.key")
        #expect(try files.storageKey(makeIfAbsent: false) == nil)
        try files.eraseStorageKey()
        try files.eraseStorageKey()
    }

    // MARK: - Terminal

    private static func terminal(
        _ store: any TerminalStore, _ host: SoftHostModule, _ loop: any EventLoop,
        clock: @escaping @Sendable () -> Instant = { start }
    ) -> VirtualTerminal {
        VirtualTerminal(
            DemoEstate.configuration(of: till), store: store, host: HostAddress(host: "127.0.0.1", port: 0), loop: loop,
            logger: silent, now: clock, witness: nil
        ) { provisioning(host, $0) }
    }

    /// On the loop that the terminal is confined to.
    private static func onLoop(_ body: @escaping @Sendable (any EventLoop) throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let result: Result<Void, any Error>
        do { result = .success(try await loop.submit { try body(loop) }.get()) } catch { result = .failure(error) }
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test("A terminal whose journal fails at any record raises P02 and goes on once it can be rewritten")
    func journalFails() async throws {
        try await Self.onLoop { loop in
            let host = SoftHostModule.create()
            for left in 0..<4 {
                let store = FailingStore()
                let clock = Shared(Self.start)
                let terminal = Self.terminal(store, host, loop) { clock.read { $0 } }
                store.spared = [.image, .hardware, .key]
                store.left = left
                terminal.handle(.powerUp)
                for _ in 0..<4 {
                    terminal.handle(.shutDown)
                    terminal.handle(.powerUp)
                }
                #expect(terminal.terminal.openWarnings.contains(.p02), "\(left) records")
                store.left = nil
                clock.change { $0 = $0 + .minutes(5) }
                terminal.handle(.timerFired(.heartbeat))
                #expect(!terminal.terminal.openWarnings.contains(.p02), "\(left) records")
                // What had not gone into the journal is in the snapshot that mended it.
                let before = terminal.terminal.snapshot()
                let again = try Terminal(configuration: terminal.commissioned, journal: store.records)
                #expect(again.snapshot() == before)
                terminal.stop()
            }
        }
    }

    @Test("A damaged journal stops its terminal with P02 and is set aside; a damaged image says why there is no module")
    func damage() async throws {
        try await Self.onLoop { loop in
            let host = SoftHostModule.create()
            let store = FailingStore()
            let first = Self.terminal(store, host, loop)
            first.handle(.powerUp)
            first.stop()
            store.isDamaged = true
            let before = store.records
            let second = Self.terminal(store, host, loop)
            second.handle(.powerUp)
            #expect(second.terminal.openWarnings.contains(.p02) && store.asides == [before])
            second.stop()
            store.damageImage()
            let third = Self.terminal(store, host, loop)
            third.handle(.powerUp)
            #expect(third.status == nil && third.screen.outage == "\(TerminalFilesError.imageRefused)")
            #expect(third.screen.phase != .ready)
            third.stop()
        }
    }

    @Test("The bench's faults act on files and link: each is found, and names the catalogue's warning")
    func benchFaults() async throws {
        try await Self.onLoop { loop in
            let host = SoftHostModule.create()
            let directory = try TemporaryDirectory()
            for fault in TerminalFault.allCases where fault != .swap && fault != .unresponsive {
                let files = try TerminalFiles(directory.file(fault.rawValue))
                let terminal = Self.terminal(files, host, loop)
                terminal.handle(.powerUp)
                terminal.make(fault)
                // The next record finds a full disk.
                terminal.handle(.shutDown)
                terminal.handle(.powerUp)
                #expect(terminal.terminal.openWarnings.contains(fault.warning), "\(fault)")
                terminal.repair(fault)
                terminal.stop()
            }
        }
    }

    @Test("What thieves, malware and power cuts do to a module it finds itself, each under the catalogue's code")
    func moduleFaults() async throws {
        try await Self.onLoop { loop in
            let host = SoftHostModule.create()
            let directory = try TemporaryDirectory()
            for fault in [ModuleFault.moduleCrash, .keyStore, .imageOld, .misuse] {
                let terminal = Self.terminal(try TerminalFiles(directory.file(fault.rawValue)), host, loop)
                terminal.handle(.powerUp)
                terminal.make(ModuleFault.imageCopied)
                terminal.burn(40)
                let code = try #require(fault.warning)
                #expect(terminal.status?.openWarnings.contains { $0.code == code } == false, "\(fault)")
                for _ in 0..<(fault == .moduleCrash ? 3 : 1) { terminal.make(fault) }
                #expect(terminal.status?.openWarnings.contains { $0.code == code } == true, "\(fault)")
                terminal.stop()
            }
        }
    }

    @Test("A line that alters answers alters three, one bit each, and then none come; one that loses them loses all")
    func damagedLine() {
        var altering = LinkFault.Damage(.answersAltered)
        for _ in 0..<3 { #expect(altering.passing([1, 2, 4]) == [1, 2, 5]) }
        #expect(altering.passing([1, 2, 4]) == nil)
        for fault in [LinkFault.answersLost, .unplugged] {
            var losing = LinkFault.Damage(fault)
            #expect(losing.passing([1]) == nil)
        }
    }
}
