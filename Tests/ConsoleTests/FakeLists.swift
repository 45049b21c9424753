// SPDX-License-Identifier: Apache-2.0
import Console
import SecurityTriggers
import Storage
import Vocabulary

@testable import Host

/// The bank's lists with their files in its directory; a card's key is made of its number's digits.
struct FakeLists: ListPort {
    let bank: Bank

    var files: ListFiles { ListFiles(data: bank.path) }

    static func cardKey(_ pan: PAN) -> CardKey {
        CardKey(high: 0xCA4D, low: pan.description.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    }

    func lists() async throws -> ListBook { bank.lists() }
    func named() async throws -> [(name: String, kind: ListKind)] { bank.listNames() }

    func key(_ text: String, kind: ListKind) async throws -> ListKey? {
        ListKey(text.utf8, kind: kind, cardKey: Self.cardKey)
    }

    func file(_ digest: FileDigest) async throws -> OpenedList? { try? files.read(digest) }

    func make(_ draft: ListDraft) async throws -> ListMade {
        var importer = try ListImporter(
            name: draft.name, kind: draft.kind, origin: draft.origin, cardKey: Self.cardKey)
        importer.add(Array(draft.lines.utf8))
        let made = importer.finish()
        if let problem = made.problems.first { return .refused(problem) }
        return .file(try files.put(made.list.bytes))
    }
}
