// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

/// The commands of a TPM that are used here, one function each (TPM 2.0 library, part 3).
struct TPMDevice {
    /// Bytes of a digest, and of a random answer that every TPM gives at once.
    static let digestCount = 32
    private static let handlesMax = 64

    let channel: TPMChannel

    /// Starts the TPM if nobody has, and has it test itself.
    ///
    /// - Throws: `.failed` for a TPM that does not pass its self-test (TPM_RC_FAILURE).
    init(_ transport: any TPMTransport) throws(HardwareError) {
        channel = TPMChannel(transport)
        let started = try channel.result(.startup) { $0.number(UInt16(0)) }
        guard started.value == 0 || started == .initialised else { throw started.error }
        try channel.run(.selfTest) { $0.number(UInt8(1)) }
        // What a process that was killed has left behind: a resource manager does it by itself.
        guard transport.isExclusive else { return }
        for first in [TPM.Handle.transient, TPM.Handle.loadedSession] {
            for handle in try handles(from: first) { try flush(handle) }
        }
    }

    private func handles(from first: UInt32) throws(HardwareError) -> [UInt32] {
        try channel.run(.getCapability) {
            $0.number(TPM.Capability.handles)
            $0.number(first)
            $0.number(UInt32(Self.handlesMax))
        } read: { (_, reader) throws(HardwareError) in
            _ = try reader.number(UInt8.self)
            guard try reader.number(UInt32.self) == TPM.Capability.handles else { throw .malformedAnswer }
            let count = try reader.number(UInt32.self)
            guard count <= UInt32(Self.handlesMax) else { throw .malformedAnswer }
            var handles: [UInt32] = []
            for _ in 0..<count { handles.append(try reader.number()) }
            return handles
        }
    }

    /// Maker and model as the TPM says them: eight words of text.
    func model() throws(HardwareError) -> String {
        let words: [UInt32] = try channel.run(.getCapability) {
            $0.number(TPM.Capability.properties)
            $0.number(TPM.Capability.manufacturer)
            $0.number(UInt32(5))
        } read: { (_, reader) throws(HardwareError) in
            _ = try reader.number(UInt8.self)
            guard try reader.number(UInt32.self) == TPM.Capability.properties else { throw .malformedAnswer }
            let count = try reader.number(UInt32.self)
            guard count <= 5 else { throw .malformedAnswer }
            var words: [UInt32] = []
            for _ in 0..<count {
                _ = try reader.number(UInt32.self)
                words.append(try reader.number())
            }
            return words
        }
        let text = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
        return String(decoding: text.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self)
    }

    func flush(_ handle: UInt32) throws(HardwareError) { try channel.run(.flushContext) { $0.number(handle) } }

    /// Fills the buffer; a TPM gives a digest's worth at a time.
    func random(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError) {
        var done = 0
        while done < buffer.count {
            let wanted = min(Self.digestCount, buffer.count - done)
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + wanted])
            done += try channel.run(.getRandom) {
                $0.number(UInt16(wanted))
            } read: { (_, reader) throws(HardwareError) in
                let bytes = try reader.sized(max: wanted)
                guard !bytes.isEmpty else { throw .malformedAnswer }
                rest.copyMemory(from: bytes)
                return bytes.count
            }
        }
    }

    // MARK: - Memory that stays

    func isDefined(_ index: UInt32) throws(HardwareError) -> Bool {
        let result = try channel.result(.readPublicNV, [index])
        guard result != .handle else { return false }
        guard result.value == 0 else { throw result.error }
        return true
    }

    /// Makes an index of eight bytes.
    func define(
        _ index: UInt32, attributes: UInt32, policy: [UInt8] = [], value: AuthorisationValue? = nil,
        owner: TPMChannel.Authorisation
    ) throws(HardwareError) {
        try channel.run(.defineSpace, [TPM.Handle.owner], [owner]) { writer in
            if let value { writer.sized(value.key) } else { writer.sized([]) }
            writer.sized {
                $0.number(index)
                $0.number(TPM.Algorithm.sha256)
                $0.number(attributes)
                $0.sized(policy)
                $0.number(UInt16(8))
            }
        }
    }

    func undefine(_ index: UInt32, owner: TPMChannel.Authorisation) throws(HardwareError) {
        try channel.run(.undefineSpace, [TPM.Handle.owner, index], [owner])
    }

    func increment(_ index: UInt32) throws(HardwareError) { try channel.run(.increment, [index, index], [.open]) }

    /// The eight bytes of an index.
    func read(_ index: UInt32, _ authorisation: TPMChannel.Authorisation = .open) throws(HardwareError) -> UInt64 {
        try channel.run(.readNV, [index, index], [authorisation]) {
            $0.number(UInt16(8))
            $0.number(UInt16(0))
        } read: { (_, reader) throws(HardwareError) in
            guard try reader.number(UInt16.self) == 8 else { throw .malformedAnswer }
            return try reader.number()
        }
    }

    func write(_ value: UInt64, to index: UInt32, owner: TPMChannel.Authorisation) throws(HardwareError) {
        try channel.run(.writeNV, [TPM.Handle.owner, index], [owner]) {
            $0.number(UInt16(8))
            $0.number(value)
            $0.number(UInt16(0))
        }
    }
}
