// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import SecurityModule

/// Commands to a TPM and their answers (TPM 2.0 library, part 1, 18): room for one of each, wiped behind every command,
/// since a PIN goes out and the storage key comes in.
final class TPMChannel {
    /// TPM2_MAX_COMMAND_SIZE of the TPMs there are.
    static let bytesMax = 4_096
    /// So often a command is sent again when the TPM asks for it.
    private static let attemptsMax = 50

    /// What authorises the use of a handle.
    enum Authorisation {
        /// An authorisation value that is empty: anyone may.
        case open
        case value(AuthorisationValue)
        /// A session whose policy is fulfilled, and the object's own value if the policy asks for it.
        case policy(UInt32, AuthorisationValue? = nil)
    }

    private let transport: any TPMTransport
    private let command: UnsafeMutableRawBufferPointer
    private let answer: UnsafeMutableRawBufferPointer

    init(_ transport: any TPMTransport) {
        self.transport = transport
        command = .allocate(byteCount: Self.bytesMax, alignment: 8)
        answer = .allocate(byteCount: Self.bytesMax, alignment: 8)
    }

    deinit {
        wipe()
        command.deallocate()
        answer.deallocate()
    }

    private func wipe() {
        for room in [command, answer] { if let start = room.baseAddress { explicit_bzero(start, room.count) } }
    }

    /// Runs a command.
    ///
    /// - Parameters:
    ///   - authorisations: one for each of the leading handles that need one.
    ///   - answersHandle: whether the answer begins with a handle; `read` gets zero otherwise.
    ///   - read: reads the parameters to their end.
    /// - Throws: what the TPM answers, as `TPM.Code.error` says.
    func run<R: ~Copyable>(
        _ code: TPM.Command, _ handles: [UInt32] = [], _ authorisations: [Authorisation] = [],
        answersHandle: Bool = false, _ write: (inout TPMWriter) -> Void = { _ in },
        read: (UInt32, inout TPMReader) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        try perform(code, handles, authorisations, write) { (result, reader) throws(HardwareError) in
            guard result.value == 0 else { throw result.error }
            var reader = reader
            let handle = answersHandle ? try reader.number(UInt32.self) : 0
            if !authorisations.isEmpty {
                // What stands behind the parameters answers the authorisations; passwords have no answer to check.
                let count = Int(try reader.number(UInt32.self))
                reader = TPMReader(try reader.take(count))
            }
            let value = try read(handle, &reader)
            try reader.end()
            return value
        }
    }

    func run(
        _ code: TPM.Command, _ handles: [UInt32] = [], _ authorisations: [Authorisation] = [],
        _ write: (inout TPMWriter) -> Void = { _ in }
    ) throws(HardwareError) {
        try run(code, handles, authorisations, write, read: { _, _ in })
    }

    /// The TPM's own code for a command, for those whose failure says something.
    func result(
        _ code: TPM.Command, _ handles: [UInt32] = [], _ authorisations: [Authorisation] = [],
        _ write: (inout TPMWriter) -> Void = { _ in }
    ) throws(HardwareError) -> TPM.Code {
        try perform(code, handles, authorisations, write) { (result, _) in result }
    }

    // MARK: - One exchange

    private func perform<R: ~Copyable>(
        _ code: TPM.Command, _ handles: [UInt32], _ authorisations: [Authorisation],
        _ write: (inout TPMWriter) -> Void, _ read: (TPM.Code, TPMReader) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        defer { wipe() }
        var writer = TPMWriter(command)
        writer.number(authorisations.isEmpty ? TPM.Tag.noSessions : TPM.Tag.sessions)
        writer.number(UInt32(0))
        writer.number(code.rawValue)
        for handle in handles { writer.number(handle) }
        Self.write(authorisations, to: &writer)
        write(&writer)
        writer.patch(UInt32(writer.count), at: 2)
        guard !writer.overflows else { throw .badInput }
        let sent = UnsafeRawBufferPointer(rebasing: command[..<writer.count])
        for attempt in 0..<Self.attemptsMax {
            let count = try transport.exchange(sent, into: answer)
            let (result, reader) = try Self.header(answer, count, authorised: !authorisations.isEmpty)
            guard result.isTransient else { return try read(result, reader) }
            // It gets a little longer to do what keeps it from answering.
            _ = poll(nil, 0, Int32(min(1 << attempt, 200)))
        }
        throw .unavailable
    }

    private static func header(
        _ answer: UnsafeMutableRawBufferPointer, _ count: Int, authorised: Bool
    ) throws(HardwareError) -> (TPM.Code, TPMReader) {
        guard (0...answer.count).contains(count) else { throw .malformedAnswer }
        var reader = TPMReader(UnsafeRawBufferPointer(rebasing: answer[..<count]))
        let tag = try reader.number(UInt16.self)
        let size = try reader.number(UInt32.self)
        let result = TPM.Code(try reader.number(UInt32.self))
        guard Int(size) == count else { throw .malformedAnswer }
        guard result.value == 0 else {
            guard tag == TPM.Tag.noSessions, reader.left == 0 else { throw .malformedAnswer }
            return (result, reader)
        }
        guard tag == (authorised ? TPM.Tag.sessions : TPM.Tag.noSessions) else { throw .malformedAnswer }
        return (result, reader)
    }

    private static func write(_ authorisations: [Authorisation], to writer: inout TPMWriter) {
        guard !authorisations.isEmpty else { return }
        let start = writer.count
        writer.number(UInt32(0))
        for authorisation in authorisations {
            let (handle, value): (UInt32, AuthorisationValue?) =
                switch authorisation {
                case .open: (TPM.Handle.password, nil)
                case .value(let value): (TPM.Handle.password, value)
                case .policy(let session, let value): (session, value)
                }
            writer.number(handle)
            writer.sized([])
            writer.number(UInt8(0))
            if let value { writer.sized(value.key) } else { writer.sized([]) }
        }
        writer.patch(UInt32(writer.count - start - 4), at: start)
    }
}

/// An authorisation value, shared by the commands that need it and wiped with the last of them.
final class AuthorisationValue {
    let key: SecretKey

    /// The value for a PIN: 32 bytes, whatever it is made of. A TPM takes trailing zeros off what it is given.
    init(pin: borrowing SecretKey) {
        let hasher = HMACSHA256(key: pin)
        key = SecretKey(count: HMACSHA256.codeCount) { block in
            let label = Array("tillguard TPM authorisation".utf8)
            label.withUnsafeBytes { hasher.code($0, into: block) }
        }
    }

    /// The value of a hierarchy, as it is.
    init(_ key: borrowing SecretKey) { self.key = key.copy() }
}
