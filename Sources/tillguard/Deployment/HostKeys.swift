// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleServer
import NIOCore
import PaymentCryptography
import SecurityModule
import Storage

/// The host's key files: `host.key` wraps the master keys in `host-module`, and derives the key of case links. Opened by the
/// module's process, or by a server that has its module in its own.
///
/// In production the first lies in a hardware module; here it is a file of mode 0600.
struct HostKeys: ~Copyable {
    let module: SoftHostModule
    let linkKey: SecretKey

    /// Opens the key files, or makes them in an empty directory.
    static func open(in directory: String) throws -> HostKeys {
        let path = directory + "/keys"
        let root = try root(in: directory)
        let linkKey = KDF.derive(master: root, label: "case links", context: [], count: 32)
        if let wrapped = try SealedFile.read(path + "/host-module") {
            guard let module = SoftHostModule(wrapped: wrapped, under: root) else {
                throw DeploymentError.keysDoNotFit(path)
            }
            try ZoneFiles.install(into: module, from: directory, root: root)
            return HostKeys(module: module, linkKey: linkKey)
        }
        let module = SoftHostModule.create()
        try SealedFile.write(module.wrapped(under: root), to: path + "/host-module")
        try ZoneFiles.install(into: module, from: directory, root: root)
        return HostKeys(module: module, linkKey: linkKey)
    }

    /// What a module's process serves: no other serves the keys of this directory while it lives.
    static func service(in directory: String) throws -> HostModuleService {
        try lock(directory)
        let keys = try open(in: directory)
        return HostModuleService(keys.module, linkKey: keys.linkKey.copy())
    }

    /// Waits for a process that is just ending.
    private static func lock(_ directory: String) throws {
        let path = try folder(in: directory)
        // Open until the process ends, and with it the lock.
        let file = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard file >= 0 else { throw DeploymentError.refused("\(path): \(String(cString: strerror(errno)))") }
        for _ in 0..<lockAttempts {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
            poll(nil, 0, lockPauseMilliseconds)
        }
        throw DeploymentError.refused("\(path): another module serves these keys")
    }

    private static let lockAttempts = 100
    private static let lockPauseMilliseconds: Int32 = 50

    private init(module: SoftHostModule, linkKey: consuming SecretKey) {
        self.module = module
        self.linkKey = linkKey
    }

    /// What protects every other key of a data directory; made in one that has none.
    static func root(in directory: String) throws -> SecretKey { try rootKey(folder(in: directory) + "/host.key") }

    /// The directory of the key files; made if it is not there.
    private static func folder(in directory: String) throws -> String {
        let path = directory + "/keys"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }

    private static func rootKey(_ file: String) throws -> SecretKey {
        var found: SecretKey?
        _ = try SealedFile.read(file) { bytes in
            found = SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) }
        }
        if let key = found { return key }
        let key = SecretKey.random(count: 32)
        try key.withBytes { try SealedFile.write($0, to: file) }
        return key
    }
}

/// Why a deployment cannot start.
enum DeploymentError: Error, CustomStringConvertible {
    case keysDoNotFit(String)
    case rulesUnreadable(String, String)
    case rulesRefused(String, String)
    case noServer(String)
    case unknownHost(String)
    case cannotListen(host: String, port: Int, String)
    case refused(String)

    /// A socket's error with the address it was for; anything else as it is.
    static func listening(on host: String, _ port: Int, _ error: any Error) -> any Error {
        guard let error = error as? IOError else { return error }
        return DeploymentError.cannotListen(host: host, port: port, String(cString: strerror(error.errnoCode)))
    }

    var description: String {
        switch self {
        case .keysDoNotFit(let path): "\(path): host.key does not open host-module"
        case .rulesUnreadable(let path, let why): "\(path): \(why)"
        case .rulesRefused(let path, let why): "\(path):\(why)"
        case .noServer(let path): "no server is running on \(path)"
        case .unknownHost(let host): "\(host) is no address of this machine"
        case .cannotListen(let host, let port, let why): "cannot listen on \(host):\(port): \(why)"
        case .refused(let what): what
        }
    }
}
