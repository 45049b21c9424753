// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("A chip's cryptogram at the host's module")
struct CryptogramTests {
    let pan: PAN
    let reference = ChipReference(scheme: .unionPay, sequence: 3)

    init() throws { pan = try require(PAN("6222021234567890128")) }

    /// A protected purchase with chip data in front of its MAC, and the question about it.
    private func purchase(
        _ bench: Bench, _ chip: [UInt8]
    ) throws -> (command: OpenCommand, objects: [ChipObject]) {
        var (message, holes) = bench.request(pin: true)
        let start = holes.mac.lowerBound
        message.insert(contentsOf: chip, at: start)
        holes.mac = start + chip.count..<message.count
        _ = bench.handle(.beginPINEntry)
        bench.enter("1234")
        guard
            case .protected(let bytes) = bench.handle(
                .protect(purpose: .authorisation, message: message, holes: holes, pan: pan))
        else { throw Missing() }
        let pin = bench.host.pinReference(pan: pan, pin: try clearPIN("1234"), kind: .offset)
        var command = bench.openCommand(bytes, reference: pin, pan: pan)
        command.mac = holes.mac
        let objects = Self.objects(chip, at: start)
        command.cryptogram = CryptogramQuestion(objects: objects, pan: pan, reference: reference)
        return (command, objects)
    }

    /// Data objects of one or two tag bytes and one length byte.
    private static func objects(_ chip: [UInt8], at start: Int) -> [ChipObject] {
        var objects: [ChipObject] = []
        var offset = 0
        while offset < chip.count {
            let tagBytes = chip[offset] & 0x1F == 0x1F ? 2 : 1
            let tag = chip[offset..<offset + tagBytes].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let value = offset + tagBytes + 1
            let end = value + Int(chip[value - 1])
            objects.append(ChipObject(tag: tag, value: start + value..<start + end))
            offset = end
        }
        return objects
    }

    private func chipData(_ bench: Bench, _ decision: EmulatedChip.Decision = .online) throws -> [UInt8] {
        guard var chip = bench.host.emulatedChip(pan, reference, counter: 0x01FF),
            let data = chip.answer(
                Money(minorUnits: 12_50, .eur), at: bench.now, unpredictableNumber: 0x1234_5678, decision: decision)
        else { throw Missing() }
        return data
    }

    @Test(
        "a cryptogram that is right lets the PIN be tried, and says what it was made of", arguments: KeyProfile.allCases
    )
    func right(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let (command, _) = try purchase(bench, try chipData(bench))
        let verdict = bench.host.open([command])[0]
        #expect(verdict.macAuthentic && verdict.pin == .right)
        #expect(verdict.chip?.finding == .right && verdict.chip?.counter == 0x0200)
        #expect(verdict.chip?.unpredictableNumber == 0x1234_5678)
        // Under a card's key of another sequence number it is wrong.
        var other = command
        other.cryptogram?.reference.sequence = 4
        #expect(bench.host.open([other])[0].chip?.finding == .wrong)
        #expect(bench.host.open([other])[0].pin == .untried)
    }

    @Test(
        "any byte that a cryptogram covers, and the cryptogram itself, make it wrong",
        arguments: [KeyProfile.aes, .sessionSM4])
    func altered(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let data = try chipData(bench)
        let covered: [UInt32] = [
            0x9F26, 0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10,
        ]
        for object in Self.objects(data, at: 0) where covered.contains(object.tag) {
            var altered = data
            // Of the issuer's data the card verification results.
            altered[object.tag == 0x9F10 ? object.value.lowerBound + 4 : object.value.upperBound - 1] ^= 1
            let verdict = bench.host.open([try purchase(bench, altered).command])[0]
            #expect(verdict.chip?.finding == .wrong && verdict.pin == .untried, "\(String(object.tag, radix: 16))")
        }
    }

    @Test(
        "a card that has decided by itself has asked nobody, whatever tag 9F27 says",
        arguments: EmulatedChip.Decision.allCases)
    func decided(decision: EmulatedChip.Decision) throws {
        let bench = try Bench(.aes)
        bench.signOn()
        var data = try chipData(bench, decision)
        // The first object is the cryptogram, the second says of what kind it is.
        data[14] = 0x80
        let verdict = bench.host.open([try purchase(bench, data).command])[0]
        #expect(verdict.chip?.finding == (decision == .online ? .right : .wrong))
    }

    @Test("what is missing, of another length, or outside of the message is unreadable; nothing is said of a forgery")
    func unreadable() throws {
        let bench = try Bench(.aes)
        bench.signOn()
        let (sound, objects) = try purchase(bench, try chipData(bench))
        for index in objects.indices where ![0x9F27, 0x5F34].contains(objects[index].tag) {
            var command = sound
            command.cryptogram?.objects.remove(at: index)
            #expect(bench.host.open([command])[0].chip == ChipVerdict(finding: .unreadable))
            command = sound
            command.cryptogram?.objects[index].value =
                objects[index].value.lowerBound..<objects[index].value.upperBound - 1
            // Of the issuer's data only what stands in front of the last byte is covered.
            #expect((bench.host.open([command])[0].chip?.finding == .right) == (objects[index].tag == 0x9F10))
            command = sound
            command.cryptogram?.objects[index].value = command.message.count..<command.message.count + 8
            let verdict = bench.host.open([command])[0]
            #expect(verdict.chip == ChipVerdict(finding: .unreadable) && verdict.pin == .untried)
        }
        var forged = sound
        forged.message[0] ^= 1
        let verdict = bench.host.open([forged])[0]
        #expect(!verdict.macAuthentic && verdict.chip == nil)
    }

    @Test("an answer whose cryptogram has no place leaves with a MAC of zeros, which settles nothing")
    func noPlace() throws {
        let bench = try Bench(.aes)
        bench.signOn()
        let (command, _) = try purchase(bench, try chipData(bench))
        let verdict = try require(bench.host.open([command])[0].chip)
        let message = [UInt8](repeating: 7, count: 60)
        for place in [0..<8, 44..<52, 43..<51, 0..<7, 50..<58] {
            let seal = SealCommand(
                keys: bench.keys, ksn: Array(command.message[command.ksn]), message: message, mac: 52..<60,
                chip: ChipAnswer(pan: pan, reference: reference, verdict: verdict, place: place))
            let sealed = bench.host.seal([seal])[0]
            let isFitting = place == 0..<8
            #expect((sealed[52...] != [UInt8](repeating: 0, count: 8)[...]) == isFitting, "\(place)")
            #expect((sealed[..<52] != message[..<52]) == isFitting)
        }
    }
}
