// SPDX-License-Identifier: Apache-2.0
import Foundation
import PaymentCryptography
import SecurityModule
import Testing

@testable import ModuleBackends

@Suite("The emulated hardware on a disk that stops anywhere")
struct EmulatedCutTests {
    /// Stops at a step, once and for all, as a power cut does.
    private final class Cut {
        var steps = 0
        let last: Int
        init(after last: Int) { self.last = last }

        func step() throws(HardwareError) {
            steps += 1
            if steps > last { throw .storage(errno: 5) }
        }
    }

    private func open(_ path: String, _ cut: Cut = Cut(after: .max)) throws -> EmulatedSecureHardware {
        try EmulatedSecureHardware(
            DurableDirectory(path) { (_) throws(HardwareError) in try cut.step() }, firmware: Counterpart.firmware)
    }

    /// Runs `body` with the power cut after every number of steps, until it comes through.
    private func everywhere(
        _ prepare: (inout EmulatedSecureHardware) throws -> Void,
        _ body: (inout EmulatedSecureHardware) throws -> Void,
        check: (_ path: String, _ isWhole: Bool, _ step: Int) throws -> Void
    ) throws {
        for step in 0..<200 {
            let scratch = try Scratch()
            let path = scratch.file("hardware")
            do {
                var hardware = try open(path)
                try hardware.provision(pin: pin("482913"))
                try prepare(&hardware)
            }
            var isWhole = true
            do {
                var hardware = try open(path, Cut(after: step))
                try body(&hardware)
            } catch is HardwareError { isWhole = false }
            try check(path, isWhole, step)
            guard !isWhole else { return #expect(step > 2) }
        }
        Issue.record("two hundred steps are not enough")
    }

    @Test("a cut erasure is either not begun or can only be ended")
    func erase() throws {
        let key = SecretKey.random(count: 32)
        try everywhere {
            try $0.seal(key)
        } _: {
            try $0.erase()
        } check: { path, isWhole, step in
            var hardware = try open(path)
            if try hardware.condition() == .erased {
                #expect(throws: HardwareError.erased) { _ = try hardware.unseal().count }
            } else {
                #expect(!isWhole)
                try hardware.authorise(pin: pin("482913"))
                #expect(try hardware.unseal().equals(key) == true, "step \(step)")
            }
            try hardware.erase()
            #expect(try hardware.condition() == .erased)
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(!names.contains { $0.hasPrefix("root.key") || $0.hasPrefix("sealed") || $0.hasPrefix("identity") })
        }
    }

    @Test("a cut replacement of the sealed key leaves the old one or the new one")
    func seal() throws {
        let old = SecretKey.random(count: 32)
        let new = SecretKey.random(count: 32)
        try everywhere {
            try $0.seal(old)
        } _: {
            try $0.authorise(pin: pin("482913"))
            try $0.seal(new)
        } check: { path, isWhole, step in
            var hardware = try open(path)
            try hardware.authorise(pin: pin("482913"))
            let found = try hardware.unseal()
            #expect(found.equals(new) == true || (!isWhole && found.equals(old)), "step \(step)")
        }
    }

    @Test("a cut counter has its old value or its new one")
    func counter() throws {
        try everywhere {
            try $0.raiseCounter(to: 255)
        } _: {
            try $0.raiseCounter(to: 256)
        } check: { path, isWhole, step in
            let found = try open(path).counter()
            #expect(found == 256 || (!isWhole && found == 255), "step \(step)")
        }
    }

    @Test("a wrong PIN counts wherever the power is cut behind its being looked at")
    func tries() throws {
        try everywhere {
            _ = $0.profile
        } _: { hardware in
            do { try hardware.authorise(pin: pin("000000")) } catch HardwareError.wrongPIN {}
        } check: { path, isWhole, step in
            let condition = try open(path).condition()
            #expect(
                condition == .ready(triesLeft: 4) || (!isWhole && condition == .ready(triesLeft: 5)), "step \(step)")
        }
    }

    @Test("a cut provisioning leaves the old hardware, an erased or a blank one, and the next comes through")
    func provision() throws {
        try everywhere {
            try $0.seal(SecretKey.random(count: 32))
        } _: {
            try $0.provision(pin: pin("777777"))
        } check: { path, isWhole, step in
            var hardware = try open(path)
            let condition = try hardware.condition()
            #expect(isWhole || [.ready(triesLeft: 5), .erased, .blank].contains(condition), "step \(step)")
            try hardware.provision(pin: pin("777777"))
            #expect(throws: HardwareError.nothingSealed) { _ = try hardware.unseal().count }
            try hardware.seal(SecretKey.random(count: 32))
        }
    }

    @Test("files that are not what they should be are refused, and tries that cannot be read are none")
    func garbage() throws {
        let scratch = try Scratch()
        let path = scratch.file("hardware")
        var hardware = try open(path)
        try hardware.provision(pin: pin("482913"))
        let directory = try DurableDirectory(path)
        for (name, count) in [("counter", 7), ("counter", 9), ("provisioned", 97), ("provisioned", 99)] {
            let sound = try directory.bytes(name)
            try directory.replace(name, with: [UInt8](repeating: 1, count: count))
            #expect(throws: HardwareError.corrupt, "\(name)") {
                if name == "counter" { _ = try hardware.counter() } else { _ = try hardware.condition() }
            }
            if let sound { try directory.replace(name, with: sound) } else { try directory.remove(name) }
        }
        for tries in [[6], [255], [1, 1], [UInt8](repeating: 0, count: 9)] as [[UInt8]] {
            try directory.replace("tries", with: tries)
            #expect(try hardware.condition() == .locked)
        }
        try directory.replace("tries", with: [0])
        try directory.replace("root.key", with: [UInt8](repeating: 1, count: 31))
        #expect(try hardware.condition() == .erased)
        try directory.replace("hardware", with: [9, 9])
        #expect(throws: HardwareError.corrupt) { _ = try open(path).profile }
    }

    @Test("a file that others can read, that is a link or too long is refused")
    func exposed() throws {
        let scratch = try Scratch()
        let directory = try DurableDirectory(scratch.path)
        try directory.replace("file", with: [1, 2, 3])
        #expect(try directory.bytes("file") == [1, 2, 3])
        chmod(scratch.file("file"), 0o640)
        #expect(throws: HardwareError.storage(errno: EPERM)) { try directory.bytes("file") }
        chmod(scratch.file("file"), 0o600)
        symlink(scratch.file("file"), scratch.file("link"))
        #expect(throws: HardwareError.storage(errno: ELOOP)) { try directory.bytes("link") }
        #expect(throws: HardwareError.badInput) {
            try directory.replace("file", with: [UInt8](repeating: 0, count: DurableDirectory.bytesMax + 1))
        }
        try directory.replace("file", with: [UInt8](repeating: 7, count: DurableDirectory.bytesMax))
        #expect(try directory.bytes("file")?.count == DurableDirectory.bytesMax)
        let handle = try FileHandle(forWritingTo: URL(filePath: scratch.file("file")))
        try handle.truncate(atOffset: UInt64(DurableDirectory.bytesMax + 1))
        #expect(throws: HardwareError.storage(errno: EFBIG)) { try directory.bytes("file") }
    }

    @Test("destroying overwrites the bytes where they lie before the name goes")
    func overwritten() throws {
        let scratch = try Scratch()
        try DurableDirectory(scratch.path).replace("file", with: [UInt8](repeating: 0x5A, count: 4_000))
        // A second name shows what becomes of the bytes.
        link(scratch.file("file"), scratch.file("other"))
        try DurableDirectory(scratch.path).destroy("file")
        #expect(!FileManager.default.fileExists(atPath: scratch.file("file")))
        let left = try Data(contentsOf: URL(filePath: scratch.file("other")))
        #expect(left == Data(count: 4_000))
        try DurableDirectory(scratch.path).destroy("file")
    }
}
