// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The stored image:
///
///     0..4   "TGM1"
///     4      0 sealed, 1 latched and not yet zeroised, 2 zeroised
///     5      the record, with its length before it
///     +16    AES-CMAC over all of that, under a key of the storage key; zeros once zeroised
///     then   DUKPT registers (session profiles: TMK and session keys), health key, lease key, death token, the chains of
///            the audit log's epochs and records, the sealed journal, the identity key: each with its length before it,
///            encrypted and authenticated under the storage key; empty where there is none. Older images end behind the
///            death token, or the journal
///
/// The record is no secret. A latched image is believed without its MAC, since the storage key may be gone: forging one
/// stops the terminal, which whoever can write the file can do anyway.
extension TerminalSecurityModule {
    static var magic: [UInt8] { [0x54, 0x47, 0x4D, 0x31] }
    private static var macLength: Int { 16 }

    /// The image as it would be stored now.
    public func sealedState() -> [UInt8] { image(record.clock, reserveTransactions()) }

    /// Whether an image says that its module has been tampered with.
    public static func isLatched(_ image: [UInt8]) -> Bool {
        image.starts(with: magic) && image.count > 4 && (image[4] == 1 || image[4] == 2)
    }

    /// The module as it was stored.
    ///
    /// An image older than the hardware's counter comes up with H04: halted, its financial keys zeroised. A latched
    /// image comes up TAMPERED whatever the storage key is, and resumes an interrupted zeroisation.
    ///
    /// - Returns: nil for bytes that are not an image, or not under this storage key.
    public init?(
        sealedState image: [UInt8], storageKey: borrowing SecretKey, hardware: EmulatedHardware, now: Instant
    ) {
        guard let parts = StoredParts(image, magic: Self.magic, macLength: Self.macLength) else { return nil }
        if Self.isLatched(image) {
            guard parts.record.latch != nil else { return nil }
            self.init(record: parts.record, keys: ModuleKeys(), hardware: hardware)
            isPoweredUp = true
            isDirty = false
            if parts.record.latch?.zeroised != true { finishZeroisation(now) }
            return
        }
        guard parts.record.latch == nil,
            Self.macKey(storageKey).verify(parts.mac, message: Array(image[..<parts.bodyEnd]))
        else { return nil }
        self.init(record: parts.record, keys: ModuleKeys(storage: storageKey), hardware: hardware)
        restoreKeys(parts.blobs, storageKey)
        if hardware.nvCounter > record.version {
            imageIsStale = true
            skipWhatANewerImageUsed()
        }
    }

    private mutating func restoreKeys(_ blobs: [[UInt8]], _ storageKey: borrowing SecretKey) {
        if !blobs[0].isEmpty, record.keys.profile.isSession {
            keys.master = TerminalMasterKey(
                sealed: blobs[0], profile: record.keys.profile, under: storageKey, session: &keys.session)
            if !keys.holds(.master) { corruptSlots.append(.master) }
        } else if !blobs[0].isEmpty {
            keys.dukpt = TransactionKeyDevice.open(blobs[0], profile: record.keys.profile, under: storageKey)
            // Registers of another image would use keys again.
            if keys.dukpt.borrowed({ $0.counter }) != record.storedCounter {
                keys.dukpt = nil
                corruptSlots.append(.dukpt)
            }
        }
        keys.health = blobs[1].isEmpty ? nil : SecretKey(unwrapping: blobs[1], under: storageKey)
        keys.lease = blobs[2].isEmpty ? nil : SecretKey(unwrapping: blobs[2], under: storageKey)
        keys.deathToken = blobs[3].isEmpty ? nil : SecretKey(unwrapping: blobs[3], under: storageKey)
        restoreRecords(blobs[4...], storageKey)
        for slot in KeySlot.checked(record.keys.profile) {
            guard let expected = expectedCheckValue(slot), !expected.isEmpty, keys.checkValue(slot) != expected else {
                continue
            }
            keys.zeroise(slot)
            corruptSlots.append(slot)
        }
    }

    /// A chain that does not stand where the log is belongs to another image; without one, records have no code (S06). A
    /// key that is not the recorded one is none (H03).
    private mutating func restoreRecords(_ blobs: ArraySlice<[UInt8]>, _ storageKey: borrowing SecretKey) {
        let blobs = Array(blobs)
        keys.auditEpochs = blobs[0].isEmpty ? nil : ForwardMAC(unwrapping: blobs[0], under: storageKey)
        if let chain = blobs[1].isEmpty ? nil : ForwardMAC(unwrapping: blobs[1], under: storageKey),
            record.audit.isContinued(by: chain)
        {
            keys.auditChain = consume chain
        }
        keys.identity = blobs[3].isEmpty ? nil : P256PrivateKey(unwrapping: blobs[3], under: storageKey)
        if keys.identity.borrowed({ $0.publicKey }) != record.identityKey { keys.identity = nil }
        guard !blobs[2].isEmpty, let hostKey = record.hostKey else { return }
        keys.journal = SealedJournal(
            unwrapping: blobs[2], under: storageKey, record.journalIdentity, hostKey: hostKey)
        restJournal()
        journalAtRest.stored = journalAtRest.last
    }

    /// What the lost images may have used is skipped: each event and each image raised the version, and no image
    /// reserved more than `Reserve.messages`.
    mutating func skipWhatANewerImageUsed() {
        let missed = hardware.nvCounter - record.version
        record.version = hardware.nvCounter
        record.eventCounter = record.eventCounter.saturatingAdd(UInt32(clamping: missed))
        record.boots.skip(missed)
        let used = missed.multipliedReportingOverflow(by: UInt64(Reserve.messages + 1))
        record.healthCounter = record.healthCounter.saturatingAdd(
            used.overflow ? .max : UInt32(clamping: used.partialValue))
    }

    /// Stores what has changed. An image that the shell has not taken yet is superseded.
    mutating func flush() {
        guard isDirty, record.latch == nil else { return }
        isDirty = false
        messagesReserved = Reserve.messages
        pinsReserved = Reserve.pins
        record.version = record.version.saturatingAdd(1)
        let reservation = reserveTransactions()
        if let counter = reservation.borrowed({ $0.counter }) { record.storedCounter = counter }
        journalAtRest.stored = journalAtRest.last
        effects = [.store(image: image(record.clock, reservation)), .barrier, .raiseCounter(record.version)]
        confirm(reservation)
    }

    /// What leaves after this waits behind the barrier until the image is durable.
    private mutating func confirm(_ reservation: consuming DUKPTReservation?) {
        guard let reservation, var device = keys.dukpt.take() else { return }
        device.confirm(stored: reservation)
        keys.dukpt = consume device
    }

    /// - Parameter registers: nil when there are none, as in a session profile.
    func image(_ now: Instant, _ registers: borrowing DUKPTReservation?) -> [UInt8] {
        var stored = record
        let latch = record.latch
        if latch == nil {
            stored.healthCounter = stored.healthCounter.saturatingAdd(UInt32(Reserve.messages) + 1)
            stored.pinRate = record.pinRate.charged(Reserve.pins, at: now)
        }
        if let counter = registers.borrowed({ $0.counter }) { stored.storedCounter = counter }
        var writer = ByteWriter(capacity: 4_096)
        writer.raw(Self.magic)
        writer.byte(latch.map { $0.zeroised ? 2 : 1 } ?? 0)
        writer.sized(stored.encoded())
        let body = writer.bytes
        let mac = keys.storage.borrowed { Self.macKey($0).code(body) }
        writer.raw(mac ?? [UInt8](repeating: 0, count: Self.macLength))
        writer.sized(registers.borrowed { $0.record } ?? sealedSession() ?? [])
        writer.sized(
            keys.storage.borrowed { storage in keys.health.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        writer.sized(
            keys.storage.borrowed { storage in keys.lease.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        writer.sized(
            keys.storage.borrowed { storage in keys.deathToken.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        writer.sized(
            keys.storage.borrowed { storage in keys.auditEpochs.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        writer.sized(
            keys.storage.borrowed { storage in keys.auditChain.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        writer.sized(journalAtRest.bytes)
        writer.sized(
            keys.storage.borrowed { storage in keys.identity.borrowed { $0.wrapped(under: storage) } ?? [] } ?? [])
        return writer.bytes
    }

    /// The counters that may be used before the next image; nil in a session profile.
    func reserveTransactions() -> DUKPTReservation? {
        // A closure cannot give a value of this kind back through `borrowed`, so it is taken out of one.
        var reservation: DUKPTReservation?
        _ = keys.storage.borrowed { storage in
            keys.dukpt.borrowed { device in reservation = device.reserve(Reserve.messages + 1, under: storage) }
        }
        return reservation
    }

    /// In a session profile the master key and the session's keys, sealed.
    private func sealedSession() -> [UInt8]? {
        keys.storage.borrowed { storage in
            keys.master.borrowed { $0.sealed(with: keys.session, under: storage) }
        }.flatMap { $0 }
    }

    private static func macKey(_ storageKey: borrowing SecretKey) -> AESCMAC {
        AESCMAC(key: KDF.derive(master: storageKey, label: "module record", count: 16))
    }
}

/// An image taken apart; nothing of it is believed yet.
private struct StoredParts {
    var record: ModuleRecord
    var bodyEnd: Int
    var mac: [UInt8]
    var blobs: [[UInt8]]

    init?(_ image: [UInt8], magic: [UInt8], macLength: Int) {
        do {
            var reader = ByteReader(image)
            guard try reader.raw(magic.count) == magic, try reader.byte() <= 2 else { return nil }
            let bytes = try reader.sized()
            record = try ModuleRecord(decoding: bytes)
            let isOlder = bytes[0] < ModuleRecord.formats.current
            bodyEnd = reader.offset
            mac = try reader.raw(macLength)
            blobs = []
            for _ in 0..<4 { blobs.append(try reader.sized()) }
            for _ in 0..<4 { blobs.append(isOlder && reader.isAtEnd ? [] : try reader.sized()) }
            guard reader.isAtEnd else { return nil }
        } catch { return nil }
    }
}
