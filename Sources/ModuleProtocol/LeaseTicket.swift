// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// The host's licence to trade, in the answer to an accepted sign-on (DE 57); sixteen bytes of AES-CMAC follow it.
///
/// It holds only for the identity epoch it names, and the module believes nothing else: warnings are cleared and
/// the terminal is activated by what stands here, under a key the POS application does not have.
public struct LeaseTicket: Equatable, Sendable {
    public var leaseID: UInt32
    public var identityEpoch: UInt16
    /// The nonce of the evidence it answers.
    public var nonce: [UInt8]
    public var validForSeconds: UInt32
    /// False leaves or puts the module out of service (A01).
    public var activated: Bool
    /// Firmware outside this range must halt with C02.
    public var firmwareMinimum: SoftwareVersion
    public var firmwareMaximum: SoftwareVersion
    /// Warnings the estate has cleared, by whoever may.
    public var cleared: [WarningCode]
    /// False: a ticket of a refused sign-on, which brings orders and acknowledgements and licenses nothing.
    public var grantsLease: Bool
    /// The host's clock when it answered: what the module's own is held against (H06). Nil in version 1.
    public var hostTime: Instant?
    /// The audit log is kept by the host up to this record: what lies before may go. 0: nothing yet.
    public var acknowledgedLog: UInt32 = 0
    /// Sealed records up to this one are needed no more: the module has attested that none of them is open.
    public var acknowledgedJournal: UInt32 = 0
    /// The digest of what the terminal is bound to (serial number, acquirer, merchant, account, address), to be claimed in
    /// evidence from now on (A05). 0: none.
    public var binding: UInt64 = 0
    /// To be carried out in this order, once: the ticket answers one attestation.
    public var orders: [ModuleOrder] = []

    public init(
        leaseID: UInt32, identityEpoch: UInt16, nonce: [UInt8], validForSeconds: UInt32, activated: Bool,
        firmwareMinimum: SoftwareVersion, firmwareMaximum: SoftwareVersion, cleared: [WarningCode],
        grantsLease: Bool = true, hostTime: Instant? = nil
    ) {
        self.leaseID = leaseID
        self.identityEpoch = identityEpoch
        self.nonce = nonce
        self.validForSeconds = validForSeconds
        self.activated = activated
        self.firmwareMinimum = firmwareMinimum
        self.firmwareMaximum = firmwareMaximum
        self.cleared = cleared
        self.grantsLease = grantsLease
        self.hostTime = hostTime
    }

    public static let macLength = 16
    private static let version: UInt8 = 2

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 96)
        writer.byte(Self.version)
        writer.unsigned(leaseID)
        writer.unsigned(identityEpoch)
        writer.sized(nonce)
        writer.unsigned(validForSeconds)
        writer.flag(activated)
        writer.unsigned(firmwareMinimum.packed)
        writer.unsigned(firmwareMaximum.packed)
        writer.list(cleared) { $0.byte($1.wireNumber) }
        writer.flag(grantsLease)
        writer.optional(hostTime) { $0.instant($1) }
        writer.unsigned(acknowledgedLog)
        writer.unsigned(acknowledgedJournal)
        writer.word(binding)
        writer.list(orders) { $1.write(to: &$0) }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded ticket.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "ticket version") }
        leaseID = try reader.unsigned()
        identityEpoch = try reader.unsigned()
        nonce = try reader.sized()
        validForSeconds = try reader.unsigned()
        activated = try reader.flag()
        firmwareMinimum = SoftwareVersion(packed: try reader.unsigned())
        firmwareMaximum = SoftwareVersion(packed: try reader.unsigned())
        cleared = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.warning() }
        grantsLease = try reader.flag()
        hostTime = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        acknowledgedLog = try reader.unsigned()
        acknowledgedJournal = try reader.unsigned()
        binding = try reader.word()
        orders = try reader.list { (reader: inout ByteReader) throws(CodecError) in try ModuleOrder(from: &reader) }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of ticket") }
    }
}
