// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Foundation
import PaymentCryptography
import SecurityModule
import Testing

@testable import ModuleBackends

/// The table of a sound library with some of its functions replaced.
private final class MeddledLibrary {
    let functions = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)

    init() throws {
        let world = try SoftHSM.world.get()
        // The library has been opened before, and gives its table again.
        let handle = try require(dlopen(world.library, RTLD_NOW | RTLD_LOCAL))
        let symbol = try require(dlsym(handle, "C_GetFunctionList"))
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        guard unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)(&list) == 0, let list else { throw Missing() }
        functions.initialize(to: list.pointee)
    }

    deinit { functions.deallocate() }
}

@Suite("Answers that no sound token gives", .enabled(if: BackEnd.has(.pkcs11), "softhsm2 is not installed"))
struct PKCS11AnswerTests {
    private let scratch: Scratch
    private let library: MeddledLibrary
    private let token: String

    init() throws {
        scratch = try Scratch()
        token = try SoftHSM.token()
        library = try MeddledLibrary()
    }

    private func open() throws -> PKCS11Hardware {
        try PKCS11Hardware(
            PKCS11Library(functions: library.functions), token: token, directory: scratch.file("hardware"))
    }

    private func provisioned() throws -> PKCS11Hardware {
        var hardware = try open()
        try hardware.provision(pin: pin(SoftHSM.pin))
        try hardware.seal(SecretKey.random(count: 32))
        return hardware
    }

    private let digest = [UInt8](repeating: 1, count: 32)

    @Test("a length beyond the room, or short of what is meant, is malformed")
    func lengths() throws {
        let hardware = try provisioned()
        let functions = library.functions
        // Nothing is begun that a replaced function would have to end.
        functions.pointee.C_SignInit = { _, _, _ in 0 }
        functions.pointee.C_EncryptInit = { _, _, _ in 0 }
        functions.pointee.C_DecryptInit = { _, _, _ in 0 }
        functions.pointee.C_Sign = { _, _, _, _, count in
            count?.pointee = 5_000
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.sign(digest: digest) }
        functions.pointee.C_Sign = { _, _, _, _, count in
            count?.pointee = 63
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.sign(digest: digest) }
        functions.pointee.C_Decrypt = { _, _, _, _, count in
            count?.pointee = .max
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { _ = try hardware.unseal().count }
        functions.pointee.C_Encrypt = { _, _, _, _, count in
            count?.pointee = 1
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.seal(SecretKey.random(count: 32)) }
        functions.pointee.C_GetAttributeValue = { _, _, attributes, _ in
            // CK_UNAVAILABLE_INFORMATION.
            attributes?.pointee.ulValueLen = .max
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.counter() }
    }

    @Test("more objects than asked for, or two where there is one, are malformed")
    func objects() throws {
        let hardware = try provisioned()
        let functions = library.functions
        functions.pointee.C_FindObjects = { _, _, room, count in
            count?.pointee = room + 1
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.counter() }
        functions.pointee.C_FindObjects = { _, objects, _, count in
            for index in 0..<2 { objects?[index] = CK_OBJECT_HANDLE(index + 1) }
            count?.pointee = 2
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { try hardware.condition() }
        functions.pointee.C_GetSlotList = { _, _, count in
            count?.pointee = 65
            return 0
        }
        #expect(throws: HardwareError.malformedAnswer) { _ = try open().profile }
    }

    @Test("a function that is missing is unsupported, and a code of the token's own is kept")
    func functions() throws {
        let hardware = try provisioned()
        let functions = library.functions
        functions.pointee.C_Sign = nil
        #expect(throws: HardwareError.unsupported) { try hardware.sign(digest: digest) }
        for (code, error) in [
            (0x32 as CK_RV, HardwareError.unavailable), (0x54, .unsupported), (0x40, .corrupt), (0xA4, .locked),
            (0x101, .notAuthorised), (0x30, .failed(code: 0x30)), (.max, .failed(code: .max)),
        ] {
            #expect(throws: error) { try PKCS11.check(code) }
        }
        functions.pointee.version.major = 1
        #expect(throws: HardwareError.unsupported) { _ = try open().profile }
    }

    @Test("a token that fails while it looks at a PIN costs no try, and one that is locked itself is believed")
    func failingLogin() throws {
        _ = try provisioned().profile
        let functions = library.functions
        functions.pointee.C_Login = { _, _, _, _ in 0x30 }
        do {
            var hardware = try open()
            #expect(throws: HardwareError.failed(code: 0x30)) { try hardware.authorise(pin: pin(SoftHSM.pin)) }
            #expect(try hardware.condition() == .ready(triesLeft: 5))
        }
        functions.pointee.C_Login = { _, _, _, _ in 0xA4 }
        var hardware = try open()
        #expect(throws: HardwareError.locked) { try hardware.authorise(pin: pin(SoftHSM.pin)) }
        #expect(try hardware.condition() == .ready(triesLeft: 4))
    }

    @Test("a token that cannot destroy its keys says so, and the sealed key in the directory goes all the same")
    func failingErasure() throws {
        var hardware = try provisioned()
        let functions = library.functions
        let sound = functions.pointee.C_DestroyObject
        functions.pointee.C_DestroyObject = { _, _ in 0x30 }
        #expect(throws: HardwareError.failed(code: 0x30)) { try hardware.erase() }
        #expect(!FileManager.default.fileExists(atPath: scratch.file("hardware/sealed")))
        functions.pointee.C_DestroyObject = sound
        try hardware.erase()
        #expect(try hardware.condition() == .erased)
    }

    @Test("a library that is none, a token that is not there and another token in its place are typed")
    func absent() throws {
        #expect(throws: HardwareError.unavailable) { _ = try PKCS11Library(scratch.file("none.so")) }
        let directory = scratch.file("hardware")
        let open = try PKCS11Library(functions: library.functions)
        #expect(throws: HardwareError.unavailable) {
            _ = try PKCS11Hardware(open, token: "no such token", directory: directory).profile
        }
        _ = try provisioned().profile
        let other = try PKCS11Hardware(open, token: SoftHSM.token(), directory: directory)
        #expect(throws: HardwareError.unavailable) { try other.condition() }
        #expect(throws: HardwareError.unavailable) { _ = try other.unseal().count }
        #expect(try self.open().condition() == .ready(triesLeft: 5))
    }

    @Test("the counter's objects that a cut has left behind do no harm, and its absence is no zero")
    func counterObjects() throws {
        let hardware = try provisioned()
        try hardware.raiseCounter(to: 9)
        // A cut behind the new object and ahead of the old one's end.
        let sound = library.functions.pointee.C_DestroyObject
        library.functions.pointee.C_DestroyObject = { _, _ in 0x30 }
        #expect(throws: HardwareError.failed(code: 0x30)) { try hardware.raiseCounter(to: 10) }
        #expect(try hardware.counter() == 10)
        library.functions.pointee.C_DestroyObject = sound
        try hardware.raiseCounter(to: 11)
        #expect(try hardware.counter() == 11)
        library.functions.pointee.C_FindObjects = { _, _, _, count in
            count?.pointee = 0
            return 0
        }
        #expect(throws: HardwareError.corrupt) { try hardware.counter() }
    }
}
