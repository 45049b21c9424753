// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@Suite("tillguard crypto vectors")
struct VectorsCommandTests {
    private static let good = """
        {"topic": "kcv", "vectors": [{"id": "one", "op": "kcv_tdes_zeros",
        "inputs": {"key": "5DB50B454F8389ADCE573BE50861F2BF"}, "expected": {"kcv": "5C9405"}}]}
        """

    @Test("Every file of known answers in the tree passes")
    func all() throws {
        let folder = Program.root.appending(path: "Tests/Vectors/crypto").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
            .map { folder + "/" + $0 }
        #expect(files.count >= 16)
        let program = try Program.crypto(["vectors", "--json"] + files)
        #expect(program.code == 0, "\(program.output.suffix(2_000))")
        let reports = try #require(try program.json.array)
        #expect(reports.count == files.count)
        #expect(reports.allSatisfy { $0["failed"]?.integer == 0 && ($0["passed"]?.integer ?? 0) > 0 })
    }

    @Test("A file never seen before runs; a wrong value, an unknown operation and a value that nothing computes fail")
    func strangers() throws {
        let folder = try Folder()
        let file = try folder.write(Self.good, to: "good.json")
        let passed = try Program.crypto(["vectors", file])
        #expect(passed.code == 0 && passed.output == "\(file): 1 passed, 0 failed\n")
        for (wrong, reason) in [
            (Self.good.replacingOccurrences(of: "5C9405", with: "5C9406"), "expected \"5C9406\", got \"5C9405\""),
            (Self.good.replacingOccurrences(of: "kcv_tdes_zeros", with: "kcv_unheard"), "unknown op \"kcv_unheard\""),
            (Self.good.replacingOccurrences(of: "\"kcv\": \"5C", with: "\"kvc\": \"5C"), "is not computed"),
        ] {
            let file = try folder.write(wrong, to: "wrong.json")
            let plain = try Program.crypto(["vectors", file])
            #expect(plain.code == 1 && plain.output.contains("0 passed, 1 failed") && plain.output.contains(reason))
            #expect(plain.output.contains("one"))
            let json = try Program.crypto(["vectors", "--json", file])
            #expect(json.code == 1)
            let report = try #require(try json.json.array?.first)
            #expect(report["failed"]?.integer == 1 && report["file"]?.string == file)
            #expect(report["failures"]?.array?.first?["id"]?.string == "one")
        }
    }

    @Test("A file that cannot be read, is not JSON, or has no vectors fails, and the others still run")
    func unreadable() throws {
        let folder = try Folder()
        let good = try folder.write(Self.good, to: "good.json")
        let files = [
            (folder.file("missing.json"), "cannot be read"), (folder.path, "cannot be read"),
            (try folder.write("nonsense", to: "text.json"), "not JSON"),
            (try folder.write("{}", to: "empty.json"), "no vectors"),
            (
                try folder.write(
                    Self.good.replacingOccurrences(of: "\"topic\"", with: "\"count\": 2, \"topic\""), to: "count.json"),
                "says 2 vectors and has 1"
            ),
        ]
        for (file, reason) in files {
            let program = try Program.crypto(["vectors", file, good])
            #expect(program.code == 1 && program.errors.isEmpty)
            #expect(program.output.contains("\(file): ") && program.output.contains(reason), "\(program.output)")
            #expect(program.output.contains("1 passed, 0 failed"))
            let json = try #require(try Program.crypto(["vectors", "--json", file, good]).json.array)
            #expect(json[0]["error"]?.string?.contains(reason) == true && json[1]["passed"]?.integer == 1)
        }
    }
}
