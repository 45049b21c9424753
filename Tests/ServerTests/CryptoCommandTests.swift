// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("The calculators of the command line")
struct CryptoCommandTests {
    private func run(_ arguments: [String]) async throws -> (code: Int32?, output: String, errors: String) {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (code, child) = try await Child.run(["crypto"] + arguments, directory: directory.path)
            return (code, child.output, child.errors)
        }
    }

    private func json(_ text: String) throws -> JSON {
        try JSON(parsing: Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8))
    }

    /// Visa CVN 10, computed by pyemv 1.5.0 on random inputs (Tests/Vectors/crypto/emv_secure_messaging.json, sm-107).
    private static let field55 =
        "9F02069796689751579F03066480730158349F1A02561195058A0C10C2F65F2A0248529A038784899C01269F37045A0BB902"
        + "82025AD29F3602E38E9F100706010A032C2F01"
    private static let card = [
        "--mk", "8A7A45BC545B025BE3B37CCE8392E6D3", "--pan", "451012758463", "--psn", "89", "--field55", field55,
    ]

    @Test("arqc: explains the input, verifies the cryptogram and answers it, by version and by scheme")
    func arqc() async throws {
        for choice in [["--version", "Visa CVN 10"], ["--scheme", "visa"]] {
            let (code, output, errors) = try await run(
                ["arqc"] + choice + Self.card + ["--cryptogram", "C5E1F94EE6A9106F", "--response", "8FB4", "--json"])
            #expect(code == 0, "\(errors)")
            let answer = try json(output)
            #expect(answer["cryptogram"]?.string == "C5E1F94EE6A9106F")
            #expect(answer["verified"]?.bool == true)
            #expect(answer["arpc"]?.string == "1E617E0980323833")
            #expect(answer["explanation"]?["input"]?.string?.hasPrefix("979668975157648073015834") == true)
        }
        let plain = try await run(["arqc", "--version", "Visa CVN 10", "--field55", Self.field55])
        #expect(plain.code == 0 && plain.output.contains("9F02") && plain.output.contains("Amount, Authorised"))
        // Whatever is printed, no key is.
        let all = try await run(["arqc", "--scheme", "visa"] + Self.card)
        #expect(!all.output.contains("8A7A45BC"))
    }

    @Test("arqc: a wrong cryptogram ends with 1, wrong input with one line")
    func wrongARQC() async throws {
        let wrong = try await run(
            ["arqc", "--version", "Visa CVN 10"] + Self.card + ["--cryptogram", "C5E1F94EE6A91070", "--json"])
        #expect(wrong.code == 1)
        #expect(try json(wrong.output)["verified"]?.bool == false)
        for arguments in [
            ["--version", "Visa CVN 99", "--field55", Self.field55], ["--scheme", "visa", "--field55", "9F02"],
            ["--field55", Self.field55], ["--scheme", "visa", "--field55", "9F0205"],
            ["--version", "Visa CVN 10", "--field55", "9F0206979668975157"],
        ] {
            let (code, output, errors) = try await run(["arqc"] + arguments)
            #expect(code == 64 && output.isEmpty && errors.split(separator: "\n").count == 1, "\(arguments) \(errors)")
        }
    }

    /// A published sample (Easy8583's 0810; Tests/Vectors/iso8583/unionpay-keys.json).
    private static let tmk = "258FB0AB70D025CDB99DF2C4D302D646"
    private static let field62 =
        "46F161A743497B32EAC760DF5EA57DF5900ECCE3977731A7EA402DDF0000000000000000CFF1592A"

    @Test("sign-on: verifies the check values of a published key download, and names the one that differs")
    func signOn() async throws {
        let good = try await run(["sign-on", "--tmk", Self.tmk, Self.field62, "--json"])
        #expect(good.code == 0, "\(good.errors)")
        let answer = try json(good.output)
        #expect(answer["pikCheckValue"]?.string == "900ECCE3" && answer["makCheckValue"]?.string == "CFF1592A")
        // The sample's keys in the clear are not shown.
        #expect(!good.output.contains("D931648F") && !good.output.contains("AB7C577C"))
        let bad = try await run(["sign-on", "--tmk", Self.tmk, Self.field62.dropLast() + "B", "--json"])
        #expect(bad.code == 1)
        #expect(try json(bad.output)["mismatch"]?.string == "MAK")
        let short = try await run(["sign-on", "--tmk", Self.tmk, "00"])
        #expect(short.code == 64 && short.errors.contains("24, 40 or 60"))
    }

    @Test("pin-translate: the block under the other key decrypts to the same block, and a bad one says nothing")
    func translate() async throws {
        let keys = ["0123456789ABCDEFFEDCBA9876543210", "1123456789ABCDEFFEDCBA9876543211"]
        let pan = ["--pan", "4012345678909"]
        let made = try await run(
            ["pin-block", "encode", "--format", "0", "--pin", "1234", "--key", keys[0], "--json"] + pan)
        guard made.code == 0, let block = try json(made.output)["encryptedBlock"]?.string else {
            Issue.record("no block: \(made.errors)")
            return
        }
        let there = try await run(
            ["pin-translate", "--from-key", keys[0], "--to-key", keys[1], block, "--json"] + pan)
        let other = try #require(try json(there.output)["pinBlock"]?.string)
        #expect(other != block)
        let back = try await run(
            ["pin-translate", "--from-key", keys[1], "--to-key", keys[0], other, "--json"] + pan)
        #expect(try json(back.output)["pinBlock"]?.string == block)
        let bad = try await run(["pin-translate", "--from-key", keys[1], "--to-key", keys[0], block] + pan)
        #expect(bad.code == 1 && bad.output.contains("no PIN"))
        let never = try await run(
            ["pin-translate", "--from-key", keys[0], "--to-key", keys[1], "--to-format", "1", block] + pan)
        #expect(never.code == 64 && never.errors.contains("may not become"))
    }

    @Test("vectors: every file of known answers passes, a changed one fails, and a strange one is an error")
    func vectors() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/crypto").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }
        let all = try await run(["vectors", "--json"] + files)
        #expect(all.code == 0)
        let reports = try #require(try json(all.output).array)
        #expect(reports.count == files.count)
        #expect(reports.allSatisfy { $0["failed"]?.integer == 0 && ($0["passed"]?.integer ?? 0) > 0 })
        let directory = try TemporaryDirectory()
        let text = try String(contentsOfFile: folder + "/kcv.json", encoding: .utf8)
        let changed = try directory.write(
            text.replacingOccurrences(of: "\"op\": \"", with: "\"op\": \"no_"), to: "ops.json")
        #expect(try await run(["vectors", changed]).code == 1)
        let strange = try directory.write("{}", to: "strange.json")
        #expect(try await run(["vectors", strange]).code == 1)
        #expect(try await run(["vectors", directory.file("missing.json")]).code == 1)
    }
}
