// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A hardware and a store whose durable state outlives the values, and whose changing calls fail when they are told to.
final class FailingWorld {
    /// How the call fails.
    enum Failure: CaseIterable {
        /// Nothing is changed (ENOSPC); later calls work.
        case full
        /// Nothing is changed, and nothing works any more (EIO).
        case dead
        /// Half of it is there, and nothing works any more.
        case torn
        /// It is done, and says it is not.
        case unacknowledged
        /// The power goes behind it: it is done, and nothing works any more.
        case cut
    }

    var image: [UInt8]?
    var counter: UInt64 = 0
    /// The storage key, wrapped under the device master key.
    var sealed: [UInt8]?
    var root = SecretKey.random(count: 32)
    var isErased = false
    var sensors = EmulatedHardware(firmware: Counterpart.firmware)
    var randomFails = false
    /// Calls for random bytes that are still answered; nil for all.
    var randomCallsLeft: Int?

    /// The changing call that fails, counted from one; none for zero.
    var failingCall = 0
    var failure = Failure.full
    private(set) var calls = 0
    private(set) var log: [String] = []
    private var isDead = false

    /// A new process over what is durable.
    func restart() {
        isDead = false
        failingCall = 0
        log = []
    }

    /// Counts a changing call.
    ///
    /// - Returns: how far it gets; nil: all the way.
    fileprivate func call(_ name: String) -> Failure? {
        if isDead { return .dead }
        calls += 1
        log.append(name)
        guard calls == failingCall else { return nil }
        isDead = failure == .dead || failure == .torn || failure == .cut
        return failure
    }

    struct Store: ModuleStore {
        let world: FailingWorld

        func image() -> [UInt8]? { world.image }

        func store(image: [UInt8]) throws(ModuleStoreError) {
            let failure = world.call("store")
            switch failure {
            case nil, .unacknowledged, .cut: world.image = image
            case .torn: world.image = Array(image.prefix(image.count / 2))
            case .full, .dead: break
            }
            if failure != nil { throw ModuleStoreError(errno: failure == .full ? 28 : 5) }
        }
    }

    struct Hardware: SecureHardware, ~Copyable {
        let world: FailingWorld

        let profile = HardwareProfile(
            name: "failing", model: "test", assurance: .emulated, sensors: HardwareSensor.allCases, counter: .software,
            lockOut: .software, keys: .software, random: .software)

        func condition() -> HardwareCondition { world.isErased ? .erased : .ready(triesLeft: 5) }
        func provision(pin: borrowing SecretKey) {}
        func authorise(pin: borrowing SecretKey) {}
        func identityPublicKey() throws(HardwareError) -> [UInt8] { throw .unsupported }
        func sign(digest: [UInt8]) throws(HardwareError) -> [UInt8] { throw .unsupported }

        func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError) {
            guard !world.randomFails, world.randomCallsLeft != 0 else { throw .unavailable }
            world.randomCallsLeft? -= 1
            RandomBytes.fill(buffer)
        }
        func readings(over nominal: EmulatedHardware) -> EmulatedHardware { world.sensors }
        func counter() -> UInt64 { world.counter }

        func seal(_ key: borrowing SecretKey) throws(HardwareError) {
            let failure = world.call("seal")
            if failure == nil || failure == .unacknowledged || failure == .cut {
                world.sealed = key.wrapped(under: world.root)
            }
            if failure != nil { throw .storage(errno: 5) }
        }
        func unseal() throws(HardwareError) -> SecretKey {
            guard !world.isErased else { throw .erased }
            guard let sealed = world.sealed else { throw .nothingSealed }
            guard let key = SecretKey(unwrapping: sealed, under: world.root) else { throw .corrupt }
            return key
        }
        func raiseCounter(to value: UInt64) throws(HardwareError) {
            let failure = world.call("raise")
            switch failure {
            case nil, .unacknowledged, .cut: world.counter = max(world.counter, value)
            case .torn: world.counter = max(world.counter, value - min(value, 1))
            case .full, .dead: break
            }
            if failure != nil { throw .storage(errno: 5) }
        }
        func erase() throws(HardwareError) {
            let failure = world.call("erase")
            switch failure {
            case nil, .unacknowledged, .cut: (world.isErased, world.sealed) = (true, nil)
            // The first step is durable: the root is gone, what it sealed is still there.
            case .torn: world.isErased = true
            case .full, .dead: break
            }
            if failure != nil { throw .storage(errno: 5) }
        }
    }

    typealias Module = HardwareModule<Hardware, Store>

    func personalise(_ counterpart: Counterpart, now: Instant) throws(ModuleFailure) -> Module {
        try Module.personalise(
            counterpart.provisioning, firmware: Counterpart.firmware, hardware: Hardware(world: self),
            store: Store(world: self), now: now)
    }

    func resume(now: Instant) throws(ModuleFailure) -> Module {
        try Module.resume(
            Store(world: self), firmware: Counterpart.firmware, hardware: Hardware(world: self), now: now)
    }
}
