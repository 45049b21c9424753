// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography

/// Public keys, signatures and sealed boxes, chosen by the first byte:
/// 1. any bytes as a public key: what is taken is on the curve and has one compressed form;
/// 2. any bytes as a signature and as a box: never verified, never opened;
/// 3. a box or a record of a session, changed: never opened.
@main
enum SignatureFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            switch input.byte() % 3 {
            case 0: SignatureFuzzer.publicKey(&input)
            case 1: SignatureFuzzer.anyBytes(&input)
            default: SignatureFuzzer.changed(&input)
            }
            return 0
        }
    }

    private final class Held: Sendable {
        let key: P256PrivateKey
        init() {
            guard let key = try? P256PrivateKey.generate() else { stop("no key") }
            self.key = key
        }
    }

    private static let held = Held()

    private static func publicKey(_ input: inout FuzzInput) {
        let bytes = input.rest()
        guard let key = try? P256PublicKey(bytes) else { return }
        hold(bytes == key.bytes || bytes == key.compressed, "another point")
        guard let again = try? P256PublicKey(key.compressed) else { stop("a compressed form is refused") }
        hold(again == key, "another point in the compressed form")
    }

    private static func anyBytes(_ input: inout FuzzInput) {
        let bytes = input.rest()
        hold(!held.key.publicKey.verifies(bytes, of: [1]), "any bytes are a signature")
        hold((try? SealedBox.open(bytes, with: held.key)) == nil, "any bytes are a box")
    }

    private static func changed(_ input: inout FuzzInput) {
        let plaintext = input.bytes(input.number(below: 40))
        guard var session = try? SealSession(for: held.key.publicKey) else { stop("no session") }
        guard
            let box = input.byte() % 2 == 0
                ? try? SealedBox.seal(plaintext, for: held.key.publicKey) : try? session.seal(plaintext)
        else { stop("nothing is sealed") }
        hold((try? SealedBox.open(box, with: held.key)) == plaintext, "another plaintext")
        var other = box
        for _ in 0..<1 + input.number(below: 3) where !other.isEmpty {
            let place = input.number(below: other.count)
            switch input.byte() % 4 {
            case 0: other[place] ^= 1 << (input.byte() % 8)
            case 1: other[place] = input.byte()
            case 2: other.remove(at: place)
            default: other.insert(input.byte(), at: place)
            }
        }
        hold(other == box || (try? SealedBox.open(other, with: held.key)) == nil, "a changed box is opened")
    }
}
