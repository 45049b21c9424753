// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleServer
import SecurityModule
import Synchronization
import Testing
import Vocabulary

/// A module that is away, late or another one: its client says so, decides nothing, and finds it again by itself.
@Suite("Module's client: loose, swapped, late")
struct AbsenceTests {
    /// Looks again at once.
    private static let eager = ModulePatience(
        connectMilliseconds: 10_000, answerMilliseconds: 10_000, retryMilliseconds: 0...0)

    @Test("without a module every question says so, and zones seal and believe nothing")
    func away() throws {
        let scratch = try Scratch()
        let heard = Mutex<[Bool]>([])
        let module = RemoteHostModule(at: scratch.socket, patience: Self.eager) { isUp in
            heard.withLock { $0.append(isUp) }
        }
        let pan = try require(PAN("4111111111111111"))
        let command = OpenCommand(
            keys: TerminalKeys(terminal: try require(TerminalID("T1")), profile: .aes, keySet: 1, identityEpoch: 1),
            message: [], ksn: 0..<0, mac: 0..<0, health: nil)
        #expect(throws: ModuleUnavailable.away) { try module.open([command]) }
        #expect(throws: ModuleUnavailable.away) { try module.cardKeys([pan]) }
        #expect(throws: ModuleUnavailable.away) { try module.nonce([1]) }
        #expect(throws: ModuleUnavailable.away) { try module.sealPAN(pan) }
        #expect(throws: ModuleUnavailable.away) { try module.makeKeys(Place.zone) }
        #expect(throws: ZoneKeyError.unavailable) { try module.readKeys("", zone: Place.zone) }
        let message = [UInt8](repeating: 1, count: 16)
        #expect(module.seal(message, covered: 0..<8, mac: 8..<16, zone: Place.zone) == nil)
        #expect(module.keyNumber(message, covered: 0..<8, mac: 8..<16, zone: Place.zone) == nil)
        #expect(heard.withLock { $0 } == [false])
    }

    @Test("a module that was away is not looked for at every question, and is said to be unavailable meanwhile")
    func backOff() throws {
        let scratch = try Scratch()
        let module = RemoteHostModule(
            at: scratch.socket, patience: ModulePatience(retryMilliseconds: 3_600_000...3_600_000))
        #expect(module.isAvailable)
        #expect(throws: ModuleUnavailable.away) { try module.nonce([1]) }
        #expect(!module.isAvailable)
        let server = try ServerThread(scratch.socket)
        defer { server.stop() }
        #expect(throws: ModuleUnavailable.away) { try module.nonce([1]) }
    }

    @Test("a module that comes back is found again, and told which keys its zones use")
    func comesBack() throws {
        let scratch = try Scratch()
        let heard = Mutex<[Bool]>([])
        let module = RemoteHostModule(at: scratch.socket, patience: Self.eager) { isUp in
            heard.withLock { $0.append(isUp) }
        }
        var server = try ServerThread(scratch.socket)
        let nonce = try module.nonce([1])
        let offer = try require(try module.makeKeys(Place.zone))
        let set = ZoneKeySet(number: 1, sealed: offer.sealed, checkValues: offer.checkValues)
        #expect(module.useKeys([set], sending: 1, zone: Place.zone))
        let message = [UInt8](repeating: 1, count: 16)
        let sealed = try require(module.seal(message, covered: 0..<8, mac: 8..<16, zone: Place.zone))
        server.stop()
        #expect(throws: ModuleUnavailable.away) { try module.nonce([1]) }
        // What it is told while it is away it gets when it is back.
        #expect(module.useKeys([.installed, set], sending: 1, zone: Place.zone))
        server = try ServerThread(scratch.socket)
        defer { server.stop() }
        #expect(try module.nonce([1]) == nonce)
        #expect(module.seal(message, covered: 0..<8, mac: 8..<16, zone: Place.zone) == sealed)
        #expect(heard.withLock { $0 } == [true, false, true])
    }

    @Test("another module on the socket gets nothing to do")
    func swapped() throws {
        let scratch = try Scratch()
        let module = RemoteHostModule(at: scratch.socket, patience: Self.eager)
        var server = try ServerThread(scratch.socket)
        let nonce = try module.nonce([1])
        server.stop()
        server = try ServerThread(scratch.socket, seed: 1)
        #expect(throws: ModuleUnavailable.another) { try module.nonce([1]) }
        server.stop()
        server = try ServerThread(scratch.socket)
        defer { server.stop() }
        #expect(try module.nonce([1]) == nonce)
    }

    @Test("one socket has one module, for its owner alone; one that nobody serves is replaced; a path may be too long")
    func socket() throws {
        let scratch = try Scratch()
        let server = try ServerThread(scratch.socket)
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: ModuleServerError.isServed) { try ServerThread(scratch.socket) }
        server.stop()
        let next = try ServerThread(scratch.socket)
        next.stop()
        let long = scratch.path + "/" + String(repeating: "x", count: 108)
        #expect(throws: ModuleServerError.pathTooLong) { try ServerThread(long) }
    }
}
