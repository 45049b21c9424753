// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Storage
import Vocabulary

/// The keys that are shared with other hosts, in files of a data directory: `keys/zones/NAME` holds key blocks under a key
/// of this host alone, a line each: the zone's key-encryption key, its PIN key and its MAC key, behind a first line that
/// may say more.
enum ZoneFiles {
    private static let header = "tillguard-zone 1"
    /// PINs that came under AES or SM4 may leave under the zone's TDES key.
    private static let weakerCipher = "weaker-cipher"
    /// Loaded since the host ran last: what was exchanged before counts no longer.
    private static let new = "new"

    /// Names stand in file names, in routes and in the key that protects a zone's keys.
    static func isName(_ name: String) -> Bool {
        // A file that is being written has this ending (`SealedFile`), and is nobody's zone.
        (1...32).contains(name.utf8.count) && name != "." && name != ".." && !name.hasSuffix(".partial")
            && name.utf8.allSatisfy {
                0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
            }
    }

    /// What protects a zone's file: another key for each name, so that no file passes for another zone's.
    private static func protection(_ name: String, _ root: borrowing SecretKey) -> SecretKey {
        KDF.derive(master: root, label: "zone keys", context: Array(name.utf8), count: 32)
    }

    private static func path(_ directory: String, _ name: String) -> String { directory + "/keys/zones/" + name }

    /// The zones of a data directory, by name.
    static func names(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/keys/zones")) ?? []
        return names.filter(isName).sorted()
    }

    /// Takes a zone's working keys from the key blocks of the other side, and keeps them.
    ///
    /// - Parameters:
    ///   - kek: AES, the key block protection key that both sides hold.
    ///   - pin: a key block of usage P0 of TDES.
    ///   - mac: a key block of usage M6 of AES.
    ///   - permitsWeakerCipher: whether a PIN that came under AES or SM4 may leave under the zone's TDES key.
    /// - Returns: the check values of PIN key and MAC key.
    static func load(
        _ name: String, into directory: String, kek: borrowing SecretKey, pin: String, mac: String,
        permitsWeakerCipher: Bool
    ) throws -> (pin: [UInt8], mac: [UInt8]) {
        let pin = try open(pin, "--pin-key", .pinEncryption, .tdes, under: kek)
        let mac = try open(mac, "--mac-key", .cmac, .aes, under: kek)
        let values = (KCV.tdes(pin), KCV.aes(mac))
        // A module of its own shows that the keys are such as any module takes.
        guard
            try SoftHostModule.create().installZone(
                ZoneID(name), pinKey: pin.copy(), macKey: mac, permitsWeakerCipher: permitsWeakerCipher)
        else { throw DeploymentError.refused("too many zones") }
        let root = try HostKeys.root(in: directory)
        let protection = protection(name, root)
        func block(_ key: borrowing SecretKey, _ usage: KeyUsage, _ algorithm: KeyAlgorithm) throws -> String {
            let mode: ModeOfUse = usage == .cmac ? .generateAndVerify : .both
            return try KeyBlock.wrap(
                key, header: KeyBlockHeader(version: .d, usage: usage, algorithm: algorithm, modeOfUse: mode),
                under: protection)
        }
        let lines = [
            ([header] + (permitsWeakerCipher ? [weakerCipher] : []) + [new]).joined(separator: " "),
            try block(kek, .keyBlockProtection, .aes), try block(pin, .pinEncryption, .tdes),
            try block(mac, .cmac, .aes), "",
        ]
        try FileManager.default.createDirectory(
            atPath: directory + "/keys/zones", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
        )
        try SealedFile.write(Array(lines.joined(separator: "\n").utf8), to: path(directory, name))
        return values
    }

    /// Gives a module the keys of every zone of the data directory.
    static func install(into module: SoftHostModule, from directory: String, root: borrowing SecretKey) throws {
        for name in names(in: directory) {
            let path = path(directory, name)
            guard let lines = try lines(path) else { continue }
            let protection = protection(name, root)
            guard lines.count == 4, lines[0].hasPrefix(header),
                let kek = try? open(lines[1], path, .keyBlockProtection, .aes, under: protection),
                let pin = try? open(lines[2], path, .pinEncryption, .tdes, under: protection),
                let mac = try? open(lines[3], path, .cmac, .aes, under: protection),
                try module.installZone(
                    ZoneID(name), pinKey: pin, macKey: mac, permitsWeakerCipher: lines[0].contains(weakerCipher)),
                try module.installZoneProtection(ZoneID(name), key: kek)
            else { throw DeploymentError.refused("\(path): host.key does not open these keys") }
        }
    }

    /// Zones whose keys were loaded since the host ran last.
    static func fresh(in directory: String) throws -> [Fresh] {
        try names(in: directory).compactMap { name in
            try lines(path(directory, name)).flatMap { lines in
                lines.first?.hasSuffix(" " + new) == true ? Fresh(name: name, lines: lines) : nil
            }
        }
    }

    /// A zone whose keys were loaded, and its file as it was then.
    struct Fresh {
        let name: String
        fileprivate var lines: [String]
    }

    /// The host runs with these keys: from now on it is their exchanges that count.
    /// A file that was loaded again meanwhile is left for the next start.
    static func settle(_ fresh: Fresh, in directory: String) throws {
        let path = path(directory, fresh.name)
        var lines = fresh.lines
        guard try self.lines(path) == lines else { return }
        lines[0].removeLast(new.count + 1)
        try SealedFile.write(Array((lines + [""]).joined(separator: "\n").utf8), to: path)
    }

    private static func lines(_ path: String) throws -> [String]? {
        try SealedFile.read(path).map { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init) }
    }

    private static func open(
        _ block: String, _ name: String, _ usage: KeyUsage, _ algorithm: KeyAlgorithm, under key: borrowing SecretKey
    ) throws -> SecretKey {
        let unwrapped: KeyBlock.Unwrapped
        do throws(KeyBlockError) { unwrapped = try KeyBlock.unwrap(block, under: key, policy: .strict) } catch {
            throw DeploymentError.refused("\(name): no key block under the zone's key: \(error)")
        }
        guard unwrapped.header.usage == usage, unwrapped.header.algorithm == algorithm else {
            throw DeploymentError.refused(
                "\(name): expected a key of usage \(usage.rawValue) and algorithm \(algorithm.rawValue)")
        }
        return unwrapped.takeKey()
    }
}
