// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@Suite("tillguard iso8583")
struct ISO8583CommandTests {
    private static let message =
        "0041600000000060220000000008000038000000C000120001721705100510353030383030303133303933313030383339383530303800"
        + "110000017200300003435550"

    private func run(_ arguments: String..., input: String = "") throws -> Program {
        try Program.run(["iso8583"] + arguments, input: input)
    }

    @Test("Every file of known answers in the tree passes")
    func vectors() throws {
        let folder = Program.root.appending(path: "Tests/Vectors/iso8583").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted().map { folder + "/" + $0 }
        #expect(files.count >= 10)
        let program = try Program.run(["iso8583", "vectors", "--json"] + files)
        #expect(program.code == 0, "\(program.output.suffix(2_000))")
        let reports = try #require(try program.json.array)
        #expect(reports.allSatisfy { $0["failed"]?.integer == 0 && ($0["passed"]?.integer ?? 0) > 0 })
    }

    @Test("A file that cannot be run fails with one line, and the others still run")
    func brokenFiles() throws {
        let folder = try Folder()
        let good = Program.root.appending(path: "Tests/Vectors/iso8583/unionpay-pin.json").path
        for (file, reason) in [
            (folder.file("missing.json"), "cannot be read"), (try folder.write("x", to: "text.json"), "not JSON"),
            (try folder.write(#"{"format":"x/1","vectors":[{}]}"#, to: "format.json"), "unknown format \"x/1\""),
        ] {
            let program = try run("vectors", file, good)
            #expect(program.code == 1 && program.output.contains("\(file): \(reason)"), "\(program.output)")
            #expect(program.output.contains("1 passed, 0 failed"))
        }
    }

    @Test("A specification beside the vectors, or of --specs, is found")
    func specs() throws {
        let folder = try Folder()
        let spec =
            #"{"format":"iso8583-vectors/1","specs":{"own":{"id":"own","mti":{"enc":"bcd"},"bitmap":{"enc":"binary","#
            + #""maxFields":64},"fields":{"11":{"name":"STAN","kind":"n","len":"fixed","max":6,"enc":"bcd"}}}}}"#
        let vector =
            #"{"format":"iso8583-vectors/1","vectors":[{"id":"v","spec":"own","hex":"08000020000000000000000001","#
            + #""fields":{"0":"0800","11":"000001"}}]}"#
        let file = try folder.write(vector, to: "vectors.json")
        #expect(try run("vectors", file).code == 1)
        let other = try folder.write(spec, to: "other.json")
        #expect(try run("vectors", "--specs", other, file).code == 0)
        _ = try folder.write(spec, to: "specs.json")
        #expect(try run("vectors", file).code == 0)
    }

    @Test("A message is read from the command line, a file and the standard input alike")
    func inputs() throws {
        let folder = try Folder()
        let file = try folder.write(Self.message + "\n", to: "message.hex")
        let plain = try run("explain", Self.message)
        #expect(plain.code == 0 && plain.output.contains("unionpay-pos in len2+tpdu5+header6: 签到 sign-on"))
        #expect(try run("explain", "@" + file).output == plain.output)
        #expect(try run("explain", "-", input: Self.message).output == plain.output)
        let json = try run("explain", "--json", Self.message).json
        #expect(json["spec"]?.string == "unionpay-pos" && json["findings"]?.array == [])
        #expect(try run("sniff", "--json", Self.message).json.array?.first?["spec"]?.string == "unionpay-pos")
    }

    @Test("lint ends with 1 for an error, diff for a difference, and both with 0 otherwise")
    func codes() throws {
        let cut = String(Self.message.dropLast(2))
        #expect(try run("lint", Self.message).code == 0)
        #expect(try run("lint", cut, "--framing", "len2+tpdu5+header6", "--spec", "unionpay-pos").code == 1)
        #expect(try run("diff", Self.message, Self.message).code == 0)
        let other = Self.message.replacingOccurrences(of: "000172170510", with: "000173170510")
        let program = try run("diff", Self.message, other)
        #expect(program.code == 1 && program.output.contains("000172 -> 000173"))
    }

    @Test("Wrong input ends with 64 and one clear line")
    func wrong() throws {
        for (arguments, reason) in [
            (["explain", "0g"], "character 2 is none"), (["explain", "000"], "got 3 digits"),
            (["explain", Self.message, "--framing", "morse"], "no framing is called \"morse\""),
            (["explain", Self.message, "--spec", "x"], "no specification is called \"x\""),
            (["lint", "@/nowhere"], "cannot be read"), (["explain"], "one of them is needed"),
        ] {
            let program = try Program.run(["iso8583"] + arguments)
            #expect(program.code == 64 && program.errors.contains(reason), "\(arguments): \(program.errors)")
        }
    }
}
