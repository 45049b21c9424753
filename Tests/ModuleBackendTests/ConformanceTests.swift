// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import PaymentCryptography
import SecurityModule
import Testing

/// What a call throws, as a value to compare.
private func failure<R: ~Copyable>(_ body: () throws(HardwareError) -> R) -> HardwareError? {
    do throws(HardwareError) {
        _ = try body()
        return nil
    } catch { return error }
}

@Suite("Every back end of the hardware")
struct ConformanceTests {
    @Test("a new hardware is blank, holds nothing, and counts from nothing", arguments: BackEnd.available)
    func blank(backEnd: BackEnd) throws {
        struct Blank: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var hardware = try subject.open()
                #expect(try hardware.condition() == .blank)
                #expect(try hardware.counter() == 0)
                #expect(
                    failure { () throws(HardwareError) in try hardware.authorise(pin: pin("482913")) }
                        == .notProvisioned)
                #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .notProvisioned)
                #expect(failure { () throws(HardwareError) in try hardware.identityPublicKey() } == .notProvisioned)
                #expect(
                    failure { () throws(HardwareError) in try hardware.sign(digest: .init(repeating: 1, count: 32)) }
                        == .notProvisioned)
                #expect(failure { () throws(HardwareError) in try hardware.erase() } == nil)
                #expect(try hardware.condition() == .blank)
            }
        }
        try backEnd.run(Blank())
    }

    @Test("the sealed key survives a restart and a power cut, and needs the PIN", arguments: BackEnd.available)
    func sealedKey(backEnd: BackEnd) throws {
        struct Sealed: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                let key = SecretKey.random(count: 32)
                do {
                    var hardware = try subject.provisioned()
                    #expect(try hardware.condition() == .ready(triesLeft: 5))
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .nothingSealed)
                    try hardware.seal(SecretKey.random(count: 16))
                    try hardware.seal(key)
                    #expect(try hardware.unseal().equals(key) == true)
                }
                for isCut in [false, true] {
                    if isCut { try subject.cut() }
                    var hardware = try subject.open()
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .notAuthorised)
                    #expect(
                        failure { () throws(HardwareError) in try hardware.seal(pin("0123456789abcdef")) }
                            == .notAuthorised)
                    try hardware.authorise(pin: pin(subject.pin))
                    #expect(try hardware.unseal().equals(key) == true)
                }
                for name in try FileManager.default.contentsOfDirectory(atPath: subject.directory) {
                    let bytes = try Data(contentsOf: URL(filePath: subject.directory + "/" + name))
                    #expect(key.withBytes { bytes.range(of: Data($0)) } == nil, "the key lies open in \(name)")
                }
            }
        }
        try backEnd.run(Sealed())
    }

    @Test("a key that is changed anywhere where it lies does not come back", arguments: BackEnd.available)
    func changedKey(backEnd: BackEnd) throws {
        struct Changed: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                let file = URL(filePath: subject.directory + "/sealed")
                var hardware = try subject.provisioned()
                let key = SecretKey.random(count: 32)
                try hardware.seal(key)
                let sealed = try Data(contentsOf: file)
                for offset in sealed.indices {
                    var changed = sealed
                    changed[offset] ^= 0x41
                    try changed.write(to: file)
                    let error = failure { () throws(HardwareError) in
                        let found = try hardware.unseal()
                        #expect(found.equals(key) == false, "byte \(offset)")
                    }
                    #expect(error != nil, "byte \(offset)")
                }
                for count in [0, 1, sealed.count / 2, sealed.count - 1] {
                    try sealed.prefix(count).write(to: file)
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } != nil)
                }
                try sealed.write(to: file)
                #expect(try hardware.unseal().equals(key) == true)
            }
        }
        try backEnd.run(Changed())
    }

    @Test("the counter rises as it is told and never falls", arguments: BackEnd.available)
    func counter(backEnd: BackEnd) throws {
        struct Counter: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var first: UInt64 = 0
                do {
                    var hardware = try subject.provisioned()
                    first = try hardware.counter()
                    for step in 1...5 {
                        try hardware.raiseCounter(to: first + UInt64(step))
                        #expect(try hardware.counter() == first + UInt64(step))
                    }
                    try hardware.raiseCounter(to: first + 40)
                    try hardware.raiseCounter(to: first + 7)
                    #expect(try hardware.counter() == first + 40)
                    #expect(
                        failure { () throws(HardwareError) in
                            try hardware.raiseCounter(to: first + 41 + SecureHardwareLimits.counterStepMax)
                        } == .badInput)
                }
                try subject.cut()
                // Raising it asks for no PIN: that stops a terminal at worst.
                var hardware = try subject.open()
                #expect(try hardware.counter() == first + 40)
                try hardware.raiseCounter(to: first + 41)
                try hardware.erase()
                #expect(try hardware.counter() == first + 41)
                try hardware.provision(pin: pin(subject.pin))
                #expect(try hardware.counter() == first + 41)
            }
        }
        try backEnd.run(Counter())
    }

    @Test(
        "signatures verify outside, under a key that a restart keeps and a new provisioning does not",
        arguments: BackEnd.available)
    func identity(backEnd: BackEnd) throws {
        struct Identity: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var point: [UInt8] = []
                do {
                    var hardware = try subject.provisioned()
                    point = try hardware.identityPublicKey()
                }
                var hardware = try subject.open()
                #expect(try hardware.identityPublicKey() == point)
                let digest = SHA256.hash(Array("evidence".utf8))
                #expect(failure { () throws(HardwareError) in try hardware.sign(digest: digest) } == .notAuthorised)
                try hardware.authorise(pin: pin(subject.pin))
                for _ in 0..<8 {
                    let signature = try hardware.sign(digest: digest)
                    #expect(Verification.isSignature(signature, of: digest, by: point))
                    #expect(!Verification.isSignature(signature, of: SHA256.hash([1]), by: point))
                }
                #expect(failure { () throws(HardwareError) in try hardware.sign(digest: [1, 2, 3]) } == .badInput)
                try hardware.provision(pin: pin(subject.pin))
                #expect(try hardware.identityPublicKey() != point)
            }
        }
        try backEnd.run(Identity())
    }

    @Test("random bytes are neither stuck nor repeated, whatever the length", arguments: BackEnd.available)
    func random(backEnd: BackEnd) throws {
        struct Random: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var hardware = try subject.open()
                var seen: Set<[UInt8]> = []
                for count in [1, 31, 32, 33, 1_000, 4_096] {
                    var bytes = [UInt8](repeating: 0, count: count + 2)
                    try bytes.withUnsafeMutableBytes { buffer in
                        try hardware.fillRandom(UnsafeMutableRawBufferPointer(rebasing: buffer[1..<count + 1]))
                    }
                    #expect(bytes.first == 0 && bytes.last == 0, "only the buffer is written to")
                    if count >= 31 { seen.insert(Array(bytes[1..<25])) }
                    // 4,096 sound bytes have 16 of each value on average; 60 is beyond eleven standard deviations.
                    let most = (0...255).map { value in bytes[1..<count + 1].count { $0 == UInt8(value) } }.max() ?? 0
                    #expect(count < 4_096 || most < 60)
                }
                #expect(seen.count == 5)
            }
        }
        try backEnd.run(Random())
    }

    @Test(
        "erasing takes the key, its identity and every copy, needs no PIN, and can be repeated",
        arguments: BackEnd.available)
    func erase(backEnd: BackEnd) throws {
        struct Erase: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                for isAuthorised in [false, true] {
                    let copy = try Scratch()
                    do {
                        var hardware = try subject.provisioned()
                        try hardware.seal(SecretKey.random(count: 32))
                    }
                    // Whoever has copied every file of the back end and knows the PIN has nothing afterwards.
                    let names = try FileManager.default.contentsOfDirectory(atPath: subject.directory)
                    for name in names where name != "root.key" {
                        try FileManager.default.copyItem(
                            atPath: subject.directory + "/" + name, toPath: copy.file(name))
                    }
                    do {
                        var hardware = try subject.open()
                        if isAuthorised { try hardware.authorise(pin: pin(subject.pin)) }
                        for _ in 0..<3 {
                            try hardware.erase()
                            #expect(try hardware.condition() == .erased)
                            #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .erased)
                            #expect(failure { () throws(HardwareError) in try hardware.identityPublicKey() } == .erased)
                        }
                    }
                    for name in names where name != "root.key" {
                        try? FileManager.default.removeItem(atPath: subject.directory + "/" + name)
                        try FileManager.default.copyItem(
                            atPath: copy.file(name), toPath: subject.directory + "/" + name)
                    }
                    var hardware = try subject.open()
                    #expect(try hardware.condition() == .erased)
                    #expect(
                        failure { () throws(HardwareError) in try hardware.authorise(pin: pin(subject.pin)) } == .erased
                    )
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .erased)
                    #expect(
                        failure { () throws(HardwareError) in try hardware.sign(digest: .init(repeating: 1, count: 32))
                        }
                            == .erased)
                    try hardware.erase()
                    #expect(try hardware.condition() == .erased)
                }
                var hardware = try subject.provisioned()
                #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .nothingSealed)
                #expect(try hardware.condition() == .ready(triesLeft: 5))
            }
        }
        try backEnd.run(Erase())
    }

    @Test(
        "five wrong PINs lock the hardware, over restarts and power cuts, until it is provisioned anew",
        arguments: BackEnd.available)
    func lockOut(backEnd: BackEnd) throws {
        struct LockOut: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                do {
                    var hardware = try subject.provisioned()
                    try hardware.seal(SecretKey.random(count: 32))
                }
                // Four wrong ones and the right one: they are forgotten.
                for left in (1...4).reversed() {
                    var hardware = try subject.open()
                    #expect(
                        failure { () throws(HardwareError) in try hardware.authorise(pin: pin("000000")) }
                            == .wrongPIN(triesLeft: left))
                    #expect(try hardware.condition() == .ready(triesLeft: left))
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .notAuthorised)
                }
                do {
                    var hardware = try subject.ready()
                    #expect(try hardware.condition() == .ready(triesLeft: 5))
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == nil)
                }
                // Five wrong ones, with the power cut behind each.
                for left in (0...4).reversed() {
                    var hardware = try subject.open()
                    #expect(
                        failure { () throws(HardwareError) in try hardware.authorise(pin: pin("000000")) }
                            == (left > 0 ? .wrongPIN(triesLeft: left) : .locked))
                    try subject.cut()
                }
                for _ in 0..<2 {
                    var hardware = try subject.open()
                    #expect(try hardware.condition() == .locked)
                    #expect(
                        failure { () throws(HardwareError) in try hardware.authorise(pin: pin(subject.pin)) } == .locked
                    )
                    #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .notAuthorised)
                    try subject.cut()
                }
                // A locked hardware can still be erased and counted on.
                var hardware = try subject.open()
                try hardware.raiseCounter(to: hardware.counter() + 1)
                try hardware.erase()
                try hardware.provision(pin: pin(subject.pin))
                #expect(try hardware.condition() == .ready(triesLeft: 5))
                #expect(failure { () throws(HardwareError) in try hardware.unseal() } == .nothingSealed)
            }
        }
        try backEnd.run(LockOut())
    }

    @Test("lengths outside the limits are refused", arguments: BackEnd.available)
    func limits(backEnd: BackEnd) throws {
        struct Limits: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var hardware = try subject.provisioned()
                for count in [3, 33] {
                    let pin = SecretKey.random(count: count)
                    #expect(failure { () throws(HardwareError) in try hardware.provision(pin: pin) } == .badInput)
                    #expect(failure { () throws(HardwareError) in try hardware.authorise(pin: pin) } == .badInput)
                }
                for count in [15, 33] {
                    #expect(
                        failure { () throws(HardwareError) in try hardware.seal(SecretKey.random(count: count)) }
                            == .badInput)
                }
                for count in [16, 24, 32] {
                    let key = SecretKey.random(count: count)
                    try hardware.seal(key)
                    #expect(try hardware.unseal().equals(key) == true)
                }
                #expect(try hardware.condition() == .ready(triesLeft: 5))
            }
        }
        try backEnd.run(Limits())
    }

    @Test("what a hardware does not measure stays as it was, and its profile says so", arguments: BackEnd.available)
    func readings(backEnd: BackEnd) throws {
        struct Readings: Check {
            func run<H: SecureHardware & ~Copyable>(_ subject: Subject<H>) throws {
                var hardware = try subject.open()
                var nominal = EmulatedHardware(firmware: Counterpart.firmware)
                nominal.batteryMillivolts = 2_999
                let read = try hardware.readings(over: nominal)
                let profile = hardware.profile
                #expect((read.batteryMillivolts == 2_999) == profile.unmeasured.contains(.battery))
                #expect(profile.sensors.count + profile.unmeasured.count == HardwareSensor.allCases.count)
                #expect(!profile.model.isEmpty)
            }
        }
        try backEnd.run(Readings())
    }
}
