// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Host
import PaymentCryptography
import Storage
import Synchronization
import Vocabulary

/// Why the users could not be read or written.
public enum UserStoreError: Error, Equatable, Sendable {
    /// The file is not what this program wrote.
    case unreadable(path: String, what: String)
    case nameTaken(StaffID)
    /// Only the roles of `Role.people` log in.
    case roleWithoutLogIn(Role)
    /// More users than `UserStore.usersMax`.
    case full
}

/// The people of the console and their passwords as scrypt hashes, in one file closed to others.
public final class UserStore: Sendable {
    public static let usersMax = 1_000
    /// Log-ins that may wait for their hash, which takes 32 MiB and some 100 ms; more are refused.
    public static let waitingMax = 32
    private static let format = "tillguard-users/1"
    private static let roles = Role.people

    private struct Entry: Sendable {
        var user: User
        var hash: String
    }

    private let path: String
    private let entries: Mutex<[Entry]>
    private let waiting: Mutex<Int>
    /// One hash at a time, off the event loop: a flood of log-ins takes one core and one block of memory.
    private let queue = DispatchQueue(label: "tillguard.console.passwords")
    /// What an unknown name is compared with, so that it takes as long as a known one.
    private let nobody: String

    /// Opens the users of a data directory; there may be none yet.
    ///
    /// - Parameter directory: the data directory's path; the file is `users.json` in it.
    /// - Throws: `UserStoreError.unreadable`, `StorageError`.
    public init(in directory: String) throws {
        // Whatever throws comes first: the optimiser of Swift 6.3 fails on a half-made object that holds a mutex.
        let path = directory + "/users.json"
        let found = try SealedFile.read(path).map { try Self.read($0, path) } ?? []
        self.path = path
        entries = Mutex(found)
        waiting = Mutex(0)
        nobody = PasswordHash.make(Self.password())
    }

    public var users: [User] { entries.withLock { $0.map(\.user) } }

    /// Makes one user a role, and a second one of each that does what takes two people. Does nothing where there are
    /// users already.
    ///
    /// - Returns: the passwords, which are kept nowhere else: show them once.
    public func bootstrap() throws -> [IssuedPassword] {
        guard users.isEmpty else { return [] }
        let names: [(String, Role)] = [
            ("oper1", .operator), ("oper2", .operator), ("desk1", .analyst), ("desk2", .analyst), ("shop1", .merchant),
            ("tech1", .technician), ("cust1", .custodian), ("cust2", .custodian), ("serv1", .serviceCentre),
            ("serv2", .serviceCentre),
        ]
        return try names.compactMap { name, role in
            guard let name = StaffID(name) else { return nil }
            return try add(User(name: name, role: role))
        }
    }

    /// Adds a user with a generated password.
    public func add(_ user: User) throws -> IssuedPassword {
        guard Self.roles.contains(user.role) else { throw UserStoreError.roleWithoutLogIn(user.role) }
        let issued = IssuedPassword(user: user, password: Self.password())
        let entry = Entry(user: user, hash: PasswordHash.make(issued.password))
        try entries.withLock { entries in
            guard !entries.contains(where: { $0.user.name == user.name }) else {
                throw UserStoreError.nameTaken(user.name)
            }
            guard entries.count < Self.usersMax else { throw UserStoreError.full }
            // The file first: a user that is not on the disk is not there.
            try SealedFile.write(Self.write(entries + [entry]), to: path)
            entries.append(entry)
        }
        return issued
    }

    /// The user of a name and password, or nil. Takes as long for an unknown name as for a wrong password.
    func verify(name: String, password: String) async -> User? {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting < Self.waitingMax else { return false }
            waiting += 1
            return true
        }
        guard isAdmitted else { return nil }
        defer { waiting.withLock { $0 -= 1 } }
        let entry = StaffID(name).flatMap { id in
            entries.withLock { entries in entries.first { $0.user.name == id } }
        }
        let hash = entry?.hash ?? nobody
        let holds = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: PasswordHash.verify(password, against: hash)) }
        }
        return holds ? entry?.user : nil
    }

    func knows(_ name: String) -> StaffID? {
        guard let id = StaffID(name) else { return nil }
        return entries.withLock { entries in entries.contains { $0.user.name == id } } ? id : nil
    }

    /// Four groups of four letters and digits without the ones people confuse: 80 bits.
    private static func password() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        let characters = RandomBytes.bytes(16).map { alphabet[Int($0 & 31)] }
        return stride(from: 0, to: 16, by: 4).map { start in
            String(decoding: characters[start..<start + 4], as: UTF8.self)
        }.joined(separator: "-")
    }

    private static func write(_ entries: [Entry]) -> [UInt8] {
        let users = entries.map { entry -> JSON in
            var members: [JSON.Member] = [
                .init("name", .string(entry.user.name.description)), .init("role", .string(entry.user.role.rawValue)),
                .init("hash", .string(entry.hash)),
            ]
            if let merchant = entry.user.merchant {
                members.append(.init("merchant", .integer(Int64(clamping: merchant.number))))
            }
            return .object(members)
        }
        return Array(JSON.object([.init("format", .string(format)), .init("users", .array(users))]).text.utf8)
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws -> [Entry] {
        func broken(_ what: String) -> UserStoreError { .unreadable(path: path, what: what) }
        let root: JSON
        do throws(JSONError) { root = try JSON(parsing: bytes) } catch { throw broken("\(error)") }
        guard root["format"]?.string == format, let users = root["users"]?.array else { throw broken("format") }
        return try users.map { user in
            guard let name = user["name"]?.string.flatMap({ StaffID($0) }),
                let role = user["role"]?.string.flatMap(Role.init(rawValue:)), roles.contains(role),
                let hash = user["hash"]?.string
            else { throw broken("user") }
            let merchant = user["merchant"]?.integer.flatMap(UInt64.init(exactly:)).map(MerchantID.init(number:))
            return Entry(user: User(name: name, role: role, merchant: merchant), hash: hash)
        }
    }
}
