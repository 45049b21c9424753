// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import SecurityModule

/// The directory that holds what of a hardware outlives the process: small files closed to all but their owner, each there
/// whole or not at all whenever the power fails.
struct DurableDirectory {
    /// Where a change on the disk can be cut, in the order in which it happens.
    enum Step: Sendable {
        case create, write, synchronise, rename, overwrite, unlink, synchroniseDirectory
    }

    /// The longest file in bytes.
    static let bytesMax = 1 << 16
    /// The ending of a file that is being written; one found later was never finished.
    private static let partial = ".partial"

    let path: String
    /// Called ahead of each step; what it throws stops there, as a failing disk or a cut would.
    private let interrupt: (Step) throws(HardwareError) -> Void

    /// Opens or makes the directory.
    init(_ path: String, interrupt: @escaping (Step) throws(HardwareError) -> Void = { _ in }) throws(HardwareError) {
        self.path = path
        self.interrupt = interrupt
        guard mkdir(path, 0o700) != 0 else { return }
        guard errno == EEXIST else { throw .storage(errno: errno) }
    }

    /// Reads a file into memory that is wiped; for secrets.
    ///
    /// - Returns: nil if there is none; an empty file counts as none.
    func secret(_ name: String) throws(HardwareError) -> SecretKey? {
        guard let file = try open(name, O_RDONLY) else { return nil }
        defer { close(file) }
        let size = try size(of: file)
        guard size > 0 else { return nil }
        return try SecretKey(count: size) { (block) throws(HardwareError) in
            var done = 0
            while done < size {
                let count = Glibc.read(file, block.baseAddress.map { $0 + done }, size - done)
                guard count > 0 else { throw .storage(errno: count == 0 ? EIO : errno) }
                done += count
            }
        }
    }

    /// Reads a file that holds no secret in clear.
    func bytes(_ name: String) throws(HardwareError) -> [UInt8]? {
        guard let content = try secret(name) else { return nil }
        return content.withBytes { Array($0) }
    }

    /// Writes or replaces a file: durable when it returns, and after a failure the old one stands.
    func replace(_ name: String, with bytes: UnsafeRawBufferPointer) throws(HardwareError) {
        let temporary = name + Self.partial
        // A leftover may hold part of a secret, or be a link: it is never written through.
        try destroy(temporary)
        do throws(HardwareError) {
            try write(bytes, to: temporary)
            try step(.rename) { Glibc.rename(file(temporary), file(name)) }
        } catch {
            attempt { () throws(HardwareError) in try destroy(temporary) }
            throw error
        }
        try synchronise()
    }

    /// Cleans up after a failure. What this throws besides says nothing new; the leftover goes with the next attempt.
    private func attempt(_ body: () throws(HardwareError) -> Void) { do throws(HardwareError) { try body() } catch {} }

    func replace(_ name: String, with bytes: [UInt8]) throws(HardwareError) {
        // An array's bytes are lent without typed throws.
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(HardwareError) in try replace(name, with: bytes) }
        }
        try result.get()
    }

    /// Overwrites a file where it lies, and then unlinks it, each step durable before the next. A repetition ends what was
    /// cut.
    ///
    /// On a journalling file system and a flash translation layer older copies of a block may survive: this is what a file
    /// can do, and why the emulated hardware is an emulation.
    func destroy(_ name: String) throws(HardwareError) {
        guard let opened = try open(name, O_WRONLY) else { return }
        defer { close(opened) }
        let size = try size(of: opened)
        let zeros = [UInt8](repeating: 0, count: size)
        try interrupt(.overwrite)
        var done = 0
        while done < size {
            let count = zeros.withUnsafeBytes {
                pwrite(opened, $0.baseAddress.map { $0 + done }, size - done, off_t(done))
            }
            guard count > 0 else { throw .storage(errno: errno) }
            done += count
        }
        try step(.synchronise) { fsync(opened) }
        try remove(name)
    }

    /// Unlinks a file that holds no secret.
    func remove(_ name: String) throws(HardwareError) {
        try step(.unlink) { Glibc.unlink(file(name)) == 0 || errno == ENOENT ? 0 : -1 }
        try synchronise()
    }

    /// Destroys a file and what a cut has left of its replacement.
    func destroyWhole(_ name: String) throws(HardwareError) {
        try destroy(name)
        try destroy(name + Self.partial)
    }

    // MARK: - System calls

    private func file(_ name: String) -> String { path + "/" + name }

    private func step(_ step: Step, _ call: () -> Int32) throws(HardwareError) {
        try interrupt(step)
        guard call() == 0 else { throw .storage(errno: errno) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to name: String) throws(HardwareError) {
        guard bytes.count <= Self.bytesMax else { throw .badInput }
        try interrupt(.create)
        let opened = Glibc.open(file(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .storage(errno: errno) }
        defer { close(opened) }
        try interrupt(.write)
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(opened, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            guard count > 0 else { throw .storage(errno: errno) }
            done += count
        }
        try step(.synchronise) { fsync(opened) }
    }

    /// Brings the names to the disk: without it a new name may be gone, and an old one be back, after a power failure.
    private func synchronise() throws(HardwareError) {
        let opened = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw .storage(errno: errno) }
        defer { close(opened) }
        try step(.synchroniseDirectory) { fsync(opened) }
    }

    /// - Returns: nil if there is no such file.
    private func open(_ name: String, _ mode: Int32) throws(HardwareError) -> Int32? {
        let opened = Glibc.open(file(name), mode | O_NOFOLLOW | O_CLOEXEC)
        if opened >= 0 { return opened }
        guard errno == ENOENT else { throw .storage(errno: errno) }
        return nil
    }

    /// The bytes of a file of the owner's own that nobody else can read.
    private func size(of opened: Int32) throws(HardwareError) -> Int {
        var status = stat()
        guard fstat(opened, &status) == 0 else { throw .storage(errno: errno) }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else { throw .storage(errno: EPERM) }
        guard status.st_size <= off_t(Self.bytesMax) else { throw .storage(errno: EFBIG) }
        return Int(status.st_size)
    }
}
