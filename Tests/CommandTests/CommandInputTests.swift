// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@Suite("What the calculators take, refuse and never show")
struct CommandInputTests {
    static let key = "5DB50B454F8389ADCE573BE50861F2BF"

    @Test("Keys come from the line, from a file or from the standard input, in either case and with spaces")
    func sources() throws {
        let folder = try Folder()
        let file = try folder.write("5db50b45 4f8389ad\nce573be5 0861f2bf\n", to: "key.hex")
        for (arguments, input) in [
            (["--key", Self.key], ""), (["--key", Self.key.lowercased()], ""), (["--key", "@" + file], ""),
            (["--key", "-"], Self.key + "\n"), (["--key", "-"], Self.key),
            (["--key", "5D:B5:0B:45 4F8389AD CE573BE50861F2BF"], ""),
        ] {
            let program = try Program.crypto(["kcv"] + arguments, input: input)
            #expect(program.code == 0 && program.output.contains("5C9405"), "\(arguments) \(program.errors)")
            #expect(!program.output.uppercased().contains(Self.key))
        }
    }

    @Test("Several keys from the standard input take a line each, in the order of the options")
    func lines() throws {
        let components = "E09B073B4007541FAB76B04370451031\n4CBF5D51EA8525EF045EFED6E386D9D9\n"
        #expect(try Program.crypto("components - -", input: components).output.contains("40D522"))
        let short = try Program.crypto("components - - -", input: components)
        #expect(short.code == 64 && short.errors.contains("component 3: the standard input has no line"))
    }

    @Test("A PIN comes from a file or the standard input too")
    func pin() throws {
        let line = "pin-block encode --pan 5555555551234567 --json --pin"
        let folder = try Folder()
        let file = try folder.write("1234\n", to: "pin")
        #expect(try Program.crypto("\(line) -", input: "1234\n").json["clearBlock"]?.string == "041261AAAAEDCBA9")
        #expect(try Program.crypto("\(line) @\(file)").json["clearBlock"]?.string == "041261AAAAEDCBA9")
    }

    @Test("A clear PIN is shown only when it is asked for")
    func clearPIN() throws {
        for line in [
            "pin-block decode --block 041261AAAAEDCBA9 --pan 5555555551234567",
            "natural-pin --pvk 0123456789ABCDEFFEDCBA9876543210 --validation-data 1122334455667788 "
                + "--table 1234567890123456",
        ] {
            for format in ["", " --json"] {
                let hidden = try Program.crypto(line + format)
                let shown = try Program.crypto(line + format + " --show-pin")
                let pin = line.hasPrefix("pin-block") ? "1234" : "4524"
                #expect(hidden.code == 0 && !hidden.output.contains(pin))
                #expect(shown.code == 0 && shown.output.contains(pin))
            }
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var line: String
        /// What the one line of the error names.
        var names: [String]
        var testDescription: String { line }

        init(_ line: String, _ names: String...) {
            self.line = line
            self.names = names
        }
    }

    private static let block = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"
    private static let tdesKSN = "dukpt --bdk 0123456789ABCDEFFEDCBA9876543210 --ksn FFFF9876543210E00001"

    static let wrong = [
        Wrong("nonsense", "nonsense"),
        Wrong("kcv", "--key"),
        Wrong("kcv --key", "--key"),
        Wrong("kcv --key xx", "--key", "hexadecimal", "character 1"),
        Wrong("kcv --key 123", "--key", "3 digits"),
        Wrong("kcv --key 1234", "--key", "8, 16 or 24 bytes", "got 2"),
        Wrong("kcv --algorithm aes --key \(key)00", "--key", "16, 24 or 32 bytes", "got 17"),
        Wrong("kcv --algorithm rsa --key \(key)", "rsa", "tdes", "sm4"),
        Wrong("kcv --key @missing.hex", "--key", "missing.hex", "cannot be read"),
        Wrong("kcv --key @.", "--key", "cannot be read"),
        Wrong("kcv --key -", "--key", "standard input"),
        Wrong("kcv --key \(key) --verify 12", "--verify", "2 or 3 bytes"),
        Wrong("pin-block encode --pin 123 --pan 5555555551234567", "--pin", "4 to 12 digits"),
        Wrong("pin-block encode --pin 1234567890123 --pan 5555555551234567", "--pin", "4 to 12 digits"),
        Wrong("pin-block encode --pin 12x4 --pan 5555555551234567", "--pin", "4 to 12 digits"),
        Wrong("pin-block encode --pin 1234", "--pan", "format 0"),
        Wrong("pin-block encode --pin 1234 --pan 55555555512345678901", "--pan", "1 to 19 digits"),
        Wrong("pin-block encode --pin 1234 --pan 1 --format 5", "--format", "5"),
        Wrong("pin-block decode --block 04126 --pan 1", "--block", "5 digits"),
        Wrong("pin-block decode --block 041261AAAAEDCBA9 --format 4 --pan 1", "--format", "decrypt"),
        Wrong("pin-block decrypt --block 041261AAAAEDCBA9 --pan 1 --format 4 --key \(key)", "--block", "16 bytes"),
        Wrong("pvv --pvk \(key) --pan 1122334455667788 --pvki 7 --pin 1234", "--pvki", "0 to 6"),
        Wrong("offset --pvk \(key) --pin 1234", "--pan or --validation-data"),
        Wrong("offset --pvk \(key) --pin 1234 --validation-data 12", "--validation-data", "sixteen"),
        Wrong("offset --pvk \(key) --pin 1234 --pan 1122334455667788 --table 12", "--table", "sixteen"),
        Wrong("natural-pin --pvk \(key) --pan 1122334455667788 --digits 3", "--digits", "4 to 12"),
        Wrong("cvv --cvk \(key) --pan 2222222222222222 --expiry 33", "--expiry", "four digits"),
        Wrong("cvv --cvk \(key) --pan 2222222222222222 --expiry 3333", "--service-code"),
        Wrong("cvv --kind cvv2 --cvk \(key) --pan 1 --expiry 3333 --service-code 201", "--service-code"),
        Wrong("cvc3 --imk \(key) --pan 1 --un 00000899 --atc 005E", "--ivcvc3 or --track"),
        Wrong("csc --csck \(key) --pan 411111111111111 --expiry 2812", "--pan", "34 or 37"),
        Wrong("csc --csck \(key) --pan 371234567890123 --expiry 2812 --service-code 12", "--service-code"),
        Wrong("dcvv --imk \(key) --pan 1234567 --expiry 1310 --service-code 226 --atc 12", "--atc", "four"),
        Wrong("dukpt --ksn FFFF9876543210E00001", "--bdk or --ik"),
        Wrong("dukpt --bdk \(key) --ksn FFFF", "--ksn", "10 bytes", "got 2"),
        Wrong("dukpt --bdk \(key) --ksn FFFF9876543210E00000", "--ksn", "counter 0"),
        Wrong("dukpt --bdk \(key) --ksn FFFF9876543210FFFFFF", "--ksn", "counter"),
        Wrong("\(tdesKSN) --type AES128", "--type", "TDES2"),
        Wrong("\(tdesKSN) --type AES512", "AES512"),
        Wrong("\(tdesKSN) --pin 1234", "--pan"),
        Wrong("\(tdesKSN) --encrypt 00", "--encrypt", "whole blocks of 8 bytes"),
        Wrong("\(tdesKSN) --data 00 --text a", "--data and --text"),
        Wrong("dukpt next-ksn --ksn FFFF9876543210E003FF --count 0", "--count", "1 to 1000"),
        Wrong("key-block read ABC", "16 characters"),
        Wrong("key-block read X\(block.dropFirst())", "version A to E", "character 1"),
        Wrong("key-block read --kbpk 00 \(block)", "--kbpk", "16, 24 or 32 bytes"),
        Wrong("key-block write --key \(key) --usage P0", "--kbpk"),
        Wrong("key-block write --kbpk \(key) --usage P0", "--key, --component or --random"),
        Wrong("key-block write --kbpk \(key) --key \(key)", "--usage"),
        Wrong(
            "key-block write --kbpk \(key) --key \(key) --usage P0 --block-version A", "--block-version", "B, D or E"),
        Wrong(
            "key-block write --kbpk \(key) --key \(key) --usage P0 --block-version Z", "--block-version", "B, D or E"),
        Wrong("key-block write --kbpk \(key) --random 32 --usage P0", "--kbpk", "weaker"),
        Wrong("key-block write --kbpk \(key) --key \(key) --usage P0 --optional X", "--optional", "ID=TEXT"),
        Wrong(
            "key-block write --kbpk \(key) --key \(key) --usage P0 --exportability Q", "--exportability", "E, N or S"),
        Wrong("mac --key \(key)", "--data or --text"),
        Wrong("mac --key \(key) --text a --padding 4", "--padding", "1, 2 or 3"),
        Wrong("mac --algorithm aes-cmac --key \(key) --text a --padding 2", "--padding", "its own"),
        Wrong("mac --algorithm retail-tdes --key \(key) --text a", "--second-key"),
        Wrong("mac --key \(key) --text a --length 3", "--length", "4 to 8"),
        Wrong("mac --key \(key) --text a --verify 00", "--verify", "bytes"),
        Wrong("mac --algorithm md5 --key \(key) --text a", "md5", "retail"),
        Wrong("arqc --cvn VSDC --imk \(key)", "--field55, --tag or --data"),
        Wrong("arqc --imk \(key) --data 00", "--cvn or --scheme"),
        Wrong("arqc --cvn Nothing --imk \(key) --data 00", "--cvn", "Visa CVN 18"),
        Wrong("arqc --scheme nothing --imk \(key) --data 00", "--scheme", "visa"),
        Wrong("arqc --scheme visa --explain --field55 9F02", "--field55", "ends inside"),
        Wrong("arqc --cvn VSDC --explain --field55 9F0206", "--field55", "ends inside"),
        Wrong("arqc --cvn VSDC --explain --field55 9F020100", "9F02 (Amount, Authorised)", "1 bytes"),
        Wrong("arqc --cvn VSDC --explain --field55 9F0206000000000000", "9F03 (Amount, Other) is missing"),
        Wrong("arqc --cvn VSDC --explain --tag 9F02", "--tag", "TAG=VALUE"),
        Wrong("arqc --cvn VSDC --imk \(key) --data 00 --atc 0001", "--pan"),
        Wrong("arqc --cvn VSDC --imk \(key) --data 00", "--atc"),
        Wrong("arqc --cvn VSDC --session-key \(key) --data 00 --atc 0001 --arc 00", "--session-key", "--card-key"),
        Wrong("arqc --cvn VSDC --card-key \(key) --data 00 --atc 0001 --csu 00000000", "--csu", "--arc"),
        Wrong("arpc --key \(key) --arqc 4B46013359B7A58B", "--arc", "--csu"),
        Wrong("arpc --key \(key) --arqc 4B46 --arc 00", "--arqc", "8 bytes"),
        Wrong("sign-on --tmk \(key)", "field"),
        Wrong("sign-on write --tmk \(key)", "--pik and --mak"),
        Wrong("components \(key)", "two components"),
        Wrong("components \(key) 00", "component 2", "16 or 24 bytes"),
        Wrong("components split --key \(key) --parts 1", "--parts", "2 to 9"),
        Wrong("components split --random 5", "--random", "16 or 24"),
        Wrong("shares combine 1:\(key)", "two shares"),
        Wrong("shares combine \(key) 2:\(key)", "share 1", "colon"),
        Wrong("shares combine 0:\(key) 2:\(key)", "share 1", "1 to 255"),
        Wrong("shares split --key \(key) --threshold 4 --parts 3", "--threshold"),
        Wrong("generate", "--kbpk"),
        Wrong("generate --kbpk \(key) --bytes 5 --usage P0", "--bytes"),
        Wrong("generate --algorithm sm4 --kbpk \(key) --usage P0", "--algorithm", "no letter"),
        Wrong("random", "--bytes or --digits"),
        Wrong("random --bytes 0", "--bytes", "1 to 1024"),
        Wrong("cipher --key \(key) --data 00", "--data", "whole blocks of 16 bytes"),
        Wrong("cipher --key \(key) --data \(key) --iv 00", "--iv", "16 bytes"),
        Wrong("hash", "--data or --text"),
        Wrong("tr34 read 00", "token"),
        Wrong("tr34 read zz", "DER, PEM, hexadecimal or Base64"),
        Wrong("vectors", "files"),
    ]

    @Test(
        "Wrong input: one line that names the option and what was expected, exit code 64, no answer", arguments: wrong)
    func wrongInput(_ wrong: Wrong) throws {
        let program = try Program.crypto(wrong.line)
        #expect(program.code == 64, "\(program.output) \(program.errors)")
        #expect(program.output.isEmpty, "\(program.output)")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        for name in wrong.names { #expect(program.errors.contains(name), "\(name) in: \(program.errors)") }
        #expect(!program.errors.contains(Self.key), "an error shows a key")
    }

    static let refused = [
        Wrong("pin-block decode --block 0F1261AAAAEDCBA9 --pan 5555555551234567", "REFUSED"),
        Wrong("pin-block decrypt --block 3C1E0419855536B6 --pan 6028104482455 --key \(key)", "REFUSED"),
        Wrong("shares combine --verify 000000 1:\(key) 2:0123456789ABCDEFFEDCBA9876543210", "REFUSED"),
        Wrong("kcv --key \(key) --verify 5C9406", "NO: another check value"),
        Wrong("mac --key \(key) --text a --verify 00000000", "NO: not the MAC"),
        Wrong("pvv --pvk \(key) --pan 1122334455667788 --pin 1912 --verify 0000", "NO: another PVV"),
        Wrong("offset --pvk \(key) --pan 1122334455667788 --pin 1912 --verify 0000", "NO: another offset"),
        Wrong(
            "cvv --cvk \(key) --pan 2222222222222222 --expiry 3333 --service-code 111 --verify 000", "NO: another value"
        ),
        Wrong("cavv --cvk \(key) --pan 123456789012 --un 1108 --result 0 --verify 000", "NO: another value"),
        Wrong("dcvv --imk \(key) --pan 123456789012 --expiry 1310 --service-code 226 --atc 3210 --verify 000", "NO: "),
        Wrong("cvc3 --imk \(key) --pan 5123456789012345 --ivcvc3 5369 --un 00000899 --atc 005E --verify 000", "NO: "),
        Wrong("arqc --cvn VSDC --card-key \(key) --data 00 --atc 0001 --arqc 0102030405060708", "NO: 0102030405060708"),
        Wrong("arpc --key \(key) --arqc 4B46013359B7A58B --arc 00 --verify 0102030405060708", "NO: another ARPC"),
        Wrong("components \(key) 0123456789ABCDEFFEDCBA9876543210 --verify 0000", "NO: another key"),
    ]

    @Test("What is refused or not verified says so and ends with 1", arguments: refused)
    func refusal(_ refusal: Wrong) throws {
        for format in ["", " --json"] {
            let program = try Program.crypto(refusal.line + format)
            #expect(program.code == 1, "\(program.errors)")
            if format.isEmpty {
                #expect(
                    (program.output + program.errors).contains(refusal.names[0]), "\(program.output)\(program.errors)")
            } else if program.errors.isEmpty {
                #expect(try program.json["verified"]?.bool == false)
            }
        }
    }

    @Test(
        "A weak key is used, and said to be weak",
        arguments: [
            ("kcv --key 01010101010101010101010101010101", "one byte repeated"),
            ("kcv --key 0123456789ABCDEF0123456789ABCDEF", "equal parts"),
            ("kcv --key 0123456789ABCDEF", "single DES"),
            ("components \(key) \(key) 0123456789ABCDEFFEDCBA9876543210", "the same component twice"),
            (
                "offset --pvk \(key) --pan 1122334455667788 --pin 1234 --table 0000000000000000",
                "weak decimalization table"
            ),
        ])
    func notes(line: String, note: String) throws {
        #expect(try Program.crypto(line).output.contains(note))
        let json = try Program.crypto(line + " --json").json
        #expect(json["notes"]?.array?.contains { $0.string?.contains(note) == true } == true)
    }

    @Test("Random values have the length that was asked for and differ")
    func random() throws {
        let (first, second) = (
            try Program.crypto("random --bytes 16 --json").json, try Program.crypto("random --bytes 16 --json").json
        )
        #expect(first["random"]?.string?.count == 32 && first != second)
        let digits = try #require(try Program.crypto("random --digits 40 --json").json["random"]?.string)
        #expect(digits.count == 40 && digits.allSatisfy(\.isNumber))
    }
}
