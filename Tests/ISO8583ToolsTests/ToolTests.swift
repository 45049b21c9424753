// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ISO8583Tools
import Testing
import Vocabulary

@Suite("The tools for messages")
struct ToolTests {
    // MARK: - Secrets

    private static func outputs(_ message: Published, _ spec: MessageSpec) -> [String] {
        let frame = message.input.frame
        let explanation = MessageExplanation(frame, spec: spec)
        let guesses = MessageGuess.all(message.bytes, specs: [spec])
        var outputs = explanation.lines + [explanation.json.text] + MessageFindings(frame, spec: spec).lines
        outputs += guesses.flatMap { $0.lines + [$0.json.text] }
        for other in Published.messages.suffix(2) {
            guard
                let difference = try? MessageDifference(
                    frame, other.input.frame, leftSpec: spec, rightSpec: other.input.spec)
            else { continue }
            outputs += difference.lines + [difference.json.text]
        }
        return outputs
    }

    @Test("No output of any tool holds an account number, a PIN block or a key whole", arguments: Published.messages)
    func masked(message: Published) {
        for spec in [message.input.spec] + MessageSpec.shipped where spec.fieldMax == message.input.spec.fieldMax {
            for output in Self.outputs(message, spec) {
                for secret in Published.messages.flatMap(\.secrets) {
                    #expect(!output.contains(secret), "\(message.id) by \(spec.name)")
                }
            }
        }
    }

    @Test("The published messages have secrets to look for")
    func secretsAreThere() {
        #expect(Published.messages.flatMap(\.secrets).count >= 20)
    }

    @Test("An account number is masked in private text, in tags of the chip and as another card's digits")
    func elsewhere() throws {
        let pan = "6222021234567890128"
        var builder = MessageBuilder(.financialRequest, spec: .iso8583_1987_binary)
        builder.set(2, text: pan)
        builder.set(48, text: "SEE \(pan) AND 4761739001010010.")
        let chip =
            "5A0A6222021234567890128F57136222021234567890128D2512201000000000009F260811223344556677885F200341424C"
        builder.set(55, bytes: try #require(Hex.bytes(chip)))
        let bytes = try builder.encode().bytes
        let input = try MessageInput(bytes, framing: "body", spec: "iso8583-1987-binary")
        let text = MessageExplanation(input.frame, spec: input.spec).lines.joined(separator: "\n")
        #expect(text.contains("SEE 622202*********0128 AND 476173******0010."))
        #expect(text.contains("1122334455667788") && !text.contains("41424C") && !text.contains("2512201"))
        for secret in [pan, "4761739001010010", Hex.text(pan.utf8)] { #expect(!text.contains(secret)) }
    }

    @Test("What an answer has the till show is read in its own character set, account numbers masked")
    func nationalText() throws {
        func lines(_ text: [UInt8], _ mti: MTI = .financialResponse, _ type: String = "22000001") throws -> String {
            var builder = MessageBuilder(mti, spec: .unionpayPOS)
            for (field, text) in [
                (11, "000001"), (12, "101112"), (13, "1128"), (37, "000000000001"), (39, "55"), (41, "TILL0001"),
                (42, "100000000000001"), (60, type),
            ] { builder.set(field, text: text) }
            builder.set(63, bytes: Array("000".utf8) + text)
            let input = try MessageInput(try builder.encode().bytes, framing: "body", spec: "unionpay-pos")
            return MessageExplanation(input.frame, spec: input.spec).lines.joined(separator: "\n")
        }
        #expect(try lines(GBK.bytes("密码错 6222021234567890128")).contains("(密码错 622202*********0128)"))
        // What is no text is shown as the bytes that it is.
        let raw = try lines([0xB0, 0xFF, 0x41])
        #expect(raw.contains("answer text: B0FF41") && !raw.contains("B0FF41  ("))
        #expect(try lines(GBK.bytes("签到成功。"), .networkResponse, "00000001003").contains("(签到成功。)"))
    }

    @Test("Of track 1 the account number's ends are shown, and nothing of the holder")
    func trackOne() throws {
        var builder = MessageBuilder(.financialRequest, spec: .iso8583_1987_binary)
        builder.set(45, text: "B4761739001010010^DOE/JOHN D^2512101123456789")
        let input = try MessageInput(try builder.encode().bytes, framing: "body", spec: "iso8583-1987-binary")
        let lines = MessageExplanation(input.frame, spec: input.spec).lines
        #expect(lines.contains { $0.hasSuffix(": B476173******0010^" + String(repeating: "*", count: 27)) })
    }

    @Test("A value cannot steer the terminal that it is shown on")
    func control() throws {
        var bytes = try #require(Hex.bytes("30323030" + "0000000000800000"))
        bytes += [0x1B, 0x5B, 0x32, 0x4A, 0x0A, 0x41, 0x42, 0x43]
        let input = try MessageInput(bytes, framing: "body", spec: "iso8583-1987")
        let lines = MessageExplanation(input.frame, spec: input.spec).lines
        #expect(!lines.contains { $0.unicodeScalars.contains { $0.value < 0x20 } })
        #expect(lines.contains { $0.contains("··") || $0.contains("·[2J·ABC") })
    }

    // MARK: - Any bytes

    @Test(
        "Any bytes, cut, changed or by chance, are explained, linted, sniffed and compared without a stop",
        arguments: [UInt64(1), 2, 3])
    func anyBytes(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let specs = SpecLibrary().all
        var explained = 0
        for round in 0..<60 {
            let seedText: Comment = "seed \(seed) round \(round)"
            var bytes = (Published.all.randomElement(using: &random)?.bytes ?? []).map { $0 }
            if round % 3 == 0 {
                bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 4 == 1 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            let layout = try #require(FrameLayout.usual.randomElement(using: &random))
            let spec = try #require(specs.randomElement(using: &random))
            guard let frame = try? layout.open(bytes) else { continue }
            let explanation = MessageExplanation(frame, spec: spec)
            #expect(!explanation.lines.isEmpty, seedText)
            let parsed = try JSON(parsing: Array(explanation.json.text.utf8))
            #expect(parsed == explanation.json, seedText)
            _ = try? MessageDifference(frame, frame, leftSpec: spec, rightSpec: spec)
            if round % 10 == 0 { #expect(MessageGuess.all(bytes, specs: specs).count >= specs.count, seedText) }
            explained += 1
        }
        #expect(explained > 30)
    }

    // MARK: - Sniffing

    @Test(
        "Framing and layout of UnionPay's published frames are found",
        arguments: Published.messages.filter { $0.id.hasPrefix("up-") })
    func sniffed(message: Published) throws {
        let best = try #require(MessageGuess.all(message.bytes, specs: SpecLibrary().all).first)
        #expect(best.layout == message.input.frame.layout)
        #expect(best.spec.name.hasPrefix("unionpay-pos"))
    }

    @Test(
        "Every framing around a message is told from the others",
        arguments: FrameLayout.usual.filter { $0.headerBytes != 12 })
    func framings(layout: FrameLayout) throws {
        let message = try #require(Published.messages.first { $0.id == "up-0200-purchase-halo" })
        var bytes = layout.hasTPDU ? TPDU(destination: 4, source: 0).bytes : []
        bytes += [0x60, 0x22, 0, 0, 0, 0].prefix(layout.headerBytes)
        bytes += message.input.frame.body
        if let framing = layout.framing {
            let whole = Framing(framing.length, countsItself: framing.countsItself)
            bytes = whole.prefix(for: bytes.count) + bytes
        }
        let input = try MessageInput(bytes)
        // A packed length of two digits and a binary one may be the same; so may two and four bytes of zeros.
        #expect(input.frame.layout == layout, "\(input.frame.layout)")
        #expect(input.spec.name.hasPrefix("unionpay-pos"))
    }

    @Test("Names of framings come back, and other words name none")
    func names() {
        for layout in FrameLayout.usual { #expect(FrameLayout("\(layout)") == layout) }
        #expect(FrameLayout("len2+tpdu5+header6")?.leadBytes == 13)
        #expect(FrameLayout("tpdu5+header6")?.framing == nil)
        for name in ["", "len5", "tpdu5+len2", "header0", "header999", "len2+len2", "incl"] {
            #expect(FrameLayout(name) == nil, "\(name)")
        }
    }

    @Test("What is asked for and is not there is one clear error")
    func errors() {
        func error(_ bytes: [UInt8], _ framing: String? = nil, _ spec: String? = nil) -> MessageInputError? {
            do throws(MessageInputError) {
                _ = try MessageInput(bytes, framing: framing, spec: spec)
                return nil
            } catch { return error }
        }
        #expect(error([]) == .empty)
        #expect(error([UInt8](repeating: 0, count: 70_001)) == .tooLong(70_001))
        #expect(error([0], "morse") == .unknownFraming("morse"))
        if case .unknownSpec("x", let known)? = error([0], nil, "x") {
            #expect(known.contains("unionpay-pos"))
        } else {
            Issue.record("a specification x")
        }
        #expect(throws: MessageInputError.notHex(character: 4)) { try MessageInput.bytes(hex: "00 g0".utf8) }
        #expect(throws: MessageInputError.oddDigits(3)) { try MessageInput.bytes(hex: "000".utf8) }
        #expect((try? MessageInput.bytes(hex: "00:aB\n".utf8)) == [0, 0xAB])
        #expect(error([0], "len2", "unionpay-pos") == .frame(.tooShort(needed: 2, found: 1)))
    }

    // MARK: - Lint

    @Test("Longer lengths than need be, tags twice and zeros between data objects are warnings, not errors")
    func objects() throws {
        var builder = MessageBuilder(.financialRequest, spec: .iso8583_1987_binary)
        builder.set(55, bytes: try #require(Hex.bytes("9A81032601019A03260101009C0100")))
        let input = try MessageInput(try builder.encode().bytes, framing: "body", spec: "iso8583-1987-binary")
        let findings = MessageFindings(input.frame, spec: input.spec)
        let texts = findings.findings.filter { $0.path.hasPrefix("55") }.map { "\($0.severity) \($0.path)" }
        #expect(texts == ["warning 55.9A", "warning 55.9A", "warning 55"])
    }

    @Test("A pad nibble, a missing field and a wrong length of the frame are errors")
    func wrong() throws {
        let halo = try #require(Published.messages.first { $0.id == "up-0200-purchase-halo" })
        var bytes = halo.bytes
        bytes[1] += 1
        func paths(_ bytes: [UInt8]) throws -> [String] {
            let input = try MessageInput(bytes, framing: "len2+tpdu5+header6", spec: "unionpay-pos")
            return MessageFindings(input.frame, spec: input.spec).findings.filter { $0.severity == .error }.map(\.path)
        }
        #expect(try paths(bytes).contains(""))
        let place = try #require(MessageView.lint(halo.input.frame.body, spec: .unionpayPOS).view?.range(of: 22))
        bytes = halo.bytes
        bytes[13 + place.upperBound - 1] |= 5
        #expect(try paths(bytes).contains("22"))
        var builder = MessageBuilder(.financialRequest, spec: .unionpayPOS)
        builder.set(3, number: 0)
        builder.set(60, text: "22000001")
        let input = try MessageInput(try builder.encode().bytes, framing: "body", spec: "unionpay-pos")
        let missing = MessageFindings(input.frame, spec: input.spec)
        #expect(missing.hasErrors && missing.findings.contains { $0.path == "11" && $0.text.hasPrefix("required") })
    }

    // MARK: - Differences

    @Test("A message differs from itself in nothing, and from one with another PIN block in that without showing it")
    func differences() throws {
        let halo = try #require(Published.messages.first { $0.id == "up-0200-purchase-halo" })
        func difference(_ bytes: [UInt8]) throws -> MessageDifference {
            let other = try MessageInput(bytes, framing: "len2+tpdu5+header6", spec: "unionpay-pos-64")
            return try MessageDifference(
                halo.input.frame, other.frame, leftSpec: halo.input.spec, rightSpec: other.spec)
        }
        #expect(try difference(halo.bytes).changes.isEmpty)
        let place = try #require(MessageView.lint(halo.input.frame.body, spec: halo.input.spec).view?.range(of: 52))
        var bytes = halo.bytes
        bytes[13 + place.lowerBound] ^= 0xFF
        let changes = try difference(bytes).changes
        #expect(changes.map(\.path) == ["52"])
        #expect(changes.first?.left == "[8 bytes]" && changes.first?.right?.hasPrefix("[8 bytes]") == true)
    }
}
