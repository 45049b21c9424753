// SPDX-License-Identifier: Apache-2.0
import Console
import Host
import HostServer
import NIOPosix
import SecurityModule
import SecurityTriggers
import Storage
import Vocabulary

/// The console's view of the lists: those of the host, the files beside its journal, and the module that hashes cards.
struct ServerLists: ListPort {
    let server: HostServer
    let files: ListFiles
    /// Who gives cards their keys.
    let issuer: any HostIssuingPort

    func lists() async throws -> ListBook { try await server.read { $0.lists } }

    func named() async throws -> [(name: String, kind: ListKind)] { try await server.read { $0.rules.listNames } }

    func key(_ text: String, kind: ListKind) async throws -> ListKey? {
        let issuer = issuer
        return try await aside { try Self.withCardKeys(issuer) { ListKey(text.utf8, kind: kind, cardKey: $0) } }
    }

    func file(_ digest: FileDigest) async throws -> OpenedList? {
        let files = files
        return try await aside { try? files.read(digest) }
    }

    func make(_ draft: ListDraft) async throws -> ListMade {
        let (files, issuer) = (files, issuer)
        return try await aside {
            let made = try Self.withCardKeys(issuer) { cardKey in
                try Self.imported(draft, cardKey)
            }
            if let problem = made.problems.first { return .refused(problem) }
            return .file(try files.put(made.list.bytes))
        }
    }

    private static func imported(
        _ draft: ListDraft, _ cardKey: @escaping (PAN) -> CardKey
    ) throws(ListError) -> ListImport {
        var importer = try ListImporter(name: draft.name, kind: draft.kind, origin: draft.origin, cardKey: cardKey)
        importer.add(Array(draft.lines.utf8))
        return importer.finish()
    }

    /// Hands in a hash of cards that cannot fail, and throws afterwards what it failed with.
    private static func withCardKeys<Value>(
        _ issuer: any HostIssuingPort, _ body: (@escaping (PAN) -> CardKey) throws -> Value
    ) throws -> Value {
        var failure: (any Error)?
        let value = try body { pan in
            do { return try issuer.cardKey(pan) } catch {
                failure = error
                return CardKey(high: 0, low: 0)
            }
        }
        if let failure { throw failure }
        return value
    }

    /// Waits for the disk and the module, so neither on a loop nor on a task's thread.
    private func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
