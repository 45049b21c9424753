// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography

/// Key blocks, three ways, chosen by the first byte:
/// 1. any text under a key that nobody knows: never taken;
/// 2. a header and a key of the input's choice, wrapped: comes back as it was, and never when it is changed;
/// 3. any header and any clear key field with the right MAC, so that what lies behind the MAC is reached: never called
///    unauthentic, and what is taken is what the field says.
@main
enum KeyBlockFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            switch input.byte() % 3 {
            case 0: KeyBlockFuzzer.anyText(&input)
            case 1: KeyBlockFuzzer.wrapped(&input)
            default: KeyBlockFuzzer.authentic(&input)
            }
            return 0
        }
    }

    static let unknown = [16, 24, 32].map { Held(.random(count: $0)) }
    static let known = [16, 24, 32].map { Held(key($0)) }

    final class Held: Sendable {
        let key: SecretKey
        init(_ key: consuming SecretKey) { self.key = key }
    }

    private static func key(_ count: Int) -> SecretKey {
        SecretKey(count: count) { for index in 0..<$0.count { $0[index] = UInt8(truncatingIfNeeded: 31 * index + 7) } }
    }

    // MARK: 1

    private static func anyText(_ input: inout FuzzInput) {
        let protection = input.element(unknown)
        let text = String(decoding: input.rest(), as: UTF8.self)
        _ = try? KeyBlockCalculator.header(text)
        guard let block = try? KeyBlock.unwrap(text, under: protection.key) else { return }
        // Four bytes of MAC are found by chance now and then.
        hold(block.header.version == .a || block.header.version == .c, "an unauthentic block is taken")
    }

    // MARK: 2

    private static func wrapped(_ input: inout FuzzInput) {
        let protection = input.element(known)
        let usage = input.element(KeyUsage.registered + [KeyUsage(rawValue: "10")])
        let algorithm = input.element(KeyAlgorithm.registered.filter { usage.allows($0) })
        var header = KeyBlockHeader(
            version: input.element(KeyBlockVersion.allCases), usage: usage, algorithm: algorithm,
            modeOfUse: input.element(ModeOfUse.registered.filter { usage.allows($0) }),
            keyVersion: input.element(["00", "c1", text(&input, 2)]),
            exportability: input.element(Exportability.registered),
            context: input.element(["00", "10", text(&input, 2)]))
        if algorithm.isHMAC { header.optionalBlocks.append(.hash(.sha256)) }
        for _ in 0..<input.number(below: 6) {
            let id = input.element(["LB", "FL", "KV", "10", "PB", text(&input, 2)])
            header.optionalBlocks.append(.init(id: id, text: text(&input, input.number(below: 700))))
        }
        let key = Self.key(input.element([16, 24, 32, 1 + input.number(below: 64)]))
        guard let written = try? KeyBlock.wrap(key, header: header, under: protection.key) else { return }
        guard let back = try? KeyBlock.unwrap(written, under: protection.key) else {
            stop("what was wrapped is refused")
        }
        var read = back.header
        read.optionalBlocks.removeAll { $0.id == "PB" }
        header.optionalBlocks.removeAll { $0.id == "PB" }
        hold(read == header, "another header")
        hold(back.takeKey().equals(key), "another key")

        var changed = Array(written.utf8)
        for _ in 0..<1 + input.number(below: 3) where !changed.isEmpty {
            let place = input.number(below: changed.count)
            switch input.byte() % 4 {
            case 0: changed[place] ^= 1 << (input.byte() % 8)
            case 1: changed[place] = input.byte()
            case 2: changed.remove(at: place)
            default: changed.insert(input.byte(), at: place)
            }
        }
        let other = String(decoding: changed, as: UTF8.self)
        guard let taken = try? KeyBlock.unwrap(other, under: protection.key) else { return }
        hold(other.uppercased() == written.uppercased(), "a changed block is taken")
        hold(taken.takeKey().equals(key), "another key")
    }

    /// Printable ASCII more often than not.
    private static func text(_ input: inout FuzzInput, _ count: Int) -> String {
        String(decoding: input.bytes(count).map { $0 < 0xF0 ? 0x20 + $0 % 95 : $0 }, as: UTF8.self)
    }

    // MARK: 3

    private static func authentic(_ input: inout FuzzInput) {
        let version = input.element(KeyBlockVersion.allCases)
        let isAES = version == .d || version == .e
        let protection = input.element(isAES ? known : Array(known.prefix(2)))
        let size = isAES ? 16 : 8
        var field = input.bytes(size * (1 + input.number(below: 8)))
        if input.byte() % 2 == 0 {
            // A length that is near to one that fits.
            let bits = 8 * (field.count - 2) + 8 - input.number(below: 17)
            (field[0], field[1]) = (UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits))
        }
        let repairs = input.byte()
        var header = input.rest().map { $0 & 0x80 == 0 || repairs & 1 == 0 ? $0 : 0x30 + $0 % 10 }
        while header.count < 16 || (repairs & 2 == 0 && header.count % size != 0) { header.append(0x30) }
        header[0] = version.rawValue.utf8.first ?? 0
        let macCount = [KeyBlockVersion.a: 4, .c: 4, .b: 8][version] ?? 16
        let total = header.count + 2 * (field.count + macCount)
        guard total <= 9_999 else { return }
        header.replaceSubrange(1..<5, with: String(total + 10_000).utf8.dropFirst())
        if repairs & 4 == 0 { header[11] = UInt8(ascii: "N") }
        if repairs & 8 == 0 { header[12] = UInt8(ascii: "0") }

        let (wire, mac) = sealed(header, field, version, protection.key)
        let text = String(decoding: header, as: UTF8.self) + hex(wire) + hex(mac)
        do throws(KeyBlockError) {
            let block = try KeyBlock.unwrap(text, under: protection.key, policy: .lenient.acceptingWeakKeys())
            for optional in block.header.optionalBlocks { _ = optional.content() }
            let count = Int(field[0]) << 8 | Int(field[1])
            hold(block.header.version == version, "another version")
            let key = block.takeKey()
            hold(key.count * 8 == count && key.count <= field.count - 2, "another length")
            hold(key.withBytes { $0.elementsEqual(field[2..<2 + key.count]) }, "another key")
        } catch .notAuthentic {
            // A header that ends elsewhere than it seems has another MAC.
            guard let ends = try? KeyBlockCalculator.paddingCount(text, keyCount: 0) else { return }
            hold(ends + 2 != field.count, "an authentic block is called unauthentic")
        } catch {}
    }

    /// The encrypted key field and the MAC, as X9.143 7.2 says, without the library's own `KeyBlockKeys`.
    private static func sealed(
        _ header: [UInt8], _ field: [UInt8], _ version: KeyBlockVersion, _ protection: borrowing SecretKey
    ) -> (wire: [UInt8], mac: [UInt8]) {
        guard
            let encryption = try? KeyBlockCalculator.encryptionKey(version: version, protectionKey: protection),
            let authentication = try? KeyBlockCalculator.authenticationKey(version: version, protectionKey: protection)
        else { stop("no keys") }
        switch version {
        case .a, .c:
            let wire =
                CipherCalculator.tdes(field, key: encryption, vector: Array(header[..<8]), encrypting: true) ?? []
            return (wire, Array(RetailMAC.algorithm1(key: authentication, message: header + wire).prefix(4)))
        case .b:
            let mac = TDESCMAC.code(key: authentication, message: header + field)
            return (CipherCalculator.tdes(field, key: encryption, vector: mac, encrypting: true) ?? [], mac)
        case .d:
            let mac = AESCMAC(key: authentication).code(header + field)
            return (CipherCalculator.aes(field, key: encryption, vector: mac, encrypting: true) ?? [], mac)
        case .e:
            let mac = AESCMAC(key: authentication).code(header + field)
            var counter = mac
            var stream: [UInt8] = []
            while stream.count < field.count {
                stream += CipherCalculator.aes(counter, key: encryption, encrypting: true) ?? []
                for index in counter.indices.reversed() {
                    counter[index] &+= 1
                    if counter[index] != 0 { break }
                }
            }
            return (zip(field, stream).map { $0 ^ $1 }, mac)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
