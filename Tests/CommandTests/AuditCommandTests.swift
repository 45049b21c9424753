// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

/// Over logs written once and kept: `Tests/Vectors/module/audit_log.json`.
@Suite("tillguard module audit verify")
struct AuditCommandTests {
    private let vector: JSON
    private let folder: Folder

    init() throws {
        let url = Program.root.appending(path: "Tests/Vectors/module/audit_log.json")
        vector = try JSON(parsing: [UInt8](try Data(contentsOf: url)))
        folder = try Folder()
    }

    private func text(_ name: String) throws -> String { try #require(vector[name]?.string) }

    /// Writes a log of the vector, with one byte changed where that is asked for.
    private func file(_ name: String, changing place: Int? = nil) throws -> String {
        var bytes = try #require(Hex.bytes(try text(name)))
        if let place { bytes[place] ^= 1 }
        let path = folder.file(name)
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private func verify(_ path: String, _ more: [String] = []) throws -> Program {
        let key = try folder.write(try text("first_key"), to: "chain.key")
        return try Program.run(
            ["module", "audit", "verify", path, "--first-key", "@" + key, "--public-key", try text("public_key")]
                + more)
    }

    @Test("a sound log is said to be so, and what it holds")
    func sound() throws {
        let program = try verify(try file("log"), ["--json", "--head", try text("head")])
        #expect(program.code == 0, "\(program.errors)")
        let json = try program.json
        #expect(json["sound"]?.bool == true && json["uncollected"]?.integer == 0 && json["closed"]?.bool == true)
        #expect(json["records"]?.integer == vector["records"]?.integer)
        let plain = try verify(try file("log"))
        #expect(plain.code == 0 && plain.output.contains("sound           true"))
        let key = try text("first_key")
        #expect(!(plain.output + program.output).contains(key))
    }

    @Test("a changed record is named, a cut end is seen by the attested head, and a second history by its file")
    func findings() throws {
        let changed = try verify(try file("log", changing: 106 + 49 * 9 + 20), ["--json"])
        let json = try changed.json
        #expect(changed.code == 1 && json["sound"]?.bool == false)
        #expect(json["finding"]?.string == "edited" && json["index"]?.integer == 10)
        let cut = try verify(try file("short"), ["--json", "--head", try text("head")])
        #expect(try cut.code == 0 && cut.json["uncollected"]?.integer ?? 0 > 0)
        let fork = try verify(try file("log"), ["--json", "--against", try file("fork")])
        #expect(try fork.code == 1 && fork.json["fork"]?.integer == vector["fork_index"]?.integer)
    }

    @Test("what is no log, no key and no head is refused")
    func refusals() throws {
        let path = try folder.write("TGAL", to: "none")
        #expect(try verify(path).code == 1)
        #expect(try verify(folder.file("nowhere")).code == 1)
        #expect(try verify(try file("log"), ["--head", "7"]).code != 0)
        let key = try folder.write("00", to: "short.key")
        let program = try Program.run([
            "module", "audit", "verify", try file("log"), "--first-key", "@" + key, "--public-key", "04",
        ])
        #expect(program.code != 0 && program.errors.contains("--first-key"))
    }
}
