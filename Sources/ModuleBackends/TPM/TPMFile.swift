// SPDX-License-Identifier: Apache-2.0
import Glibc
import SecurityModule

/// A TPM behind a file descriptor: the kernel's device, or the data channel of a simulator on a Unix socket.
public final class TPMFile: TPMTransport {
    /// The longest that a TPM computes before its answer begins; a self-test may take seconds.
    private static let patienceMilliseconds: Int32 = 30_000
    /// An answer comes in no more pieces than this.
    private static let piecesMax = 64
    private static let headerCount = 10

    private let file: Int32
    public let isExclusive: Bool

    private init(_ file: Int32, isExclusive: Bool) {
        self.file = file
        self.isExclusive = isExclusive
    }

    deinit { close(file) }

    /// The kernel's TPM behind its resource manager.
    public static func device(_ path: String = "/dev/tpmrm0") throws(HardwareError) -> TPMFile {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw .unavailable }
        return TPMFile(file, isExclusive: false)
    }

    /// The data channel of a simulator that takes bare commands (`swtpm socket --server type=unixio,path=PATH`).
    public static func socket(_ path: String) throws(HardwareError) -> TPMFile {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .badInput }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let file = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw .unavailable }
        let made = TPMFile(file, isExclusive: true)
        let result = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .unavailable }
        return made
    }

    public func exchange(
        _ command: UnsafeRawBufferPointer, into answer: UnsafeMutableRawBufferPointer
    ) throws(HardwareError) -> Int {
        // The kernel takes a command in one piece; so does a socket that is empty, or it is broken.
        let sent =
            isExclusive
            ? send(file, command.baseAddress, command.count, Int32(MSG_NOSIGNAL))
            : write(file, command.baseAddress, command.count)
        guard sent == command.count else { throw .unavailable }
        var count = 0
        for _ in 0..<Self.piecesMax {
            try wait()
            // The kernel gives the whole answer to one read; a socket may give it in pieces.
            let received = read(file, answer.baseAddress.map { $0 + count }, answer.count - count)
            guard received > 0 else { throw .unavailable }
            count += received
            guard count >= Self.headerCount else { continue }
            let size = Int(UInt32(bigEndian: answer.loadUnaligned(fromByteOffset: 2, as: UInt32.self)))
            guard (Self.headerCount...answer.count).contains(size), count <= size else { throw .malformedAnswer }
            if count == size { return count }
        }
        throw .malformedAnswer
    }

    private func wait() throws(HardwareError) {
        var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        while true {
            let result = poll(&waiting, 1, Self.patienceMilliseconds)
            if result > 0 { return }
            guard result < 0, errno == EINTR else { throw .unavailable }
        }
    }
}
