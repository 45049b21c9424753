// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography

/// TR-34, two ways, chosen by the first byte:
/// 1. any bytes for each reader there is: tokens, certificates, revocation lists. What is read is written again, and then
///    reads the same;
/// 2. a token of a host or an authority that a device trusts, changed: what the device takes of it is what was signed,
///    and what it refuses leaves it as it was.
@main
enum TR34Fuzzer {
    static func main() {
        // Before the first input: new RSA keys take longer than one may.
        _ = world
        fuzz { start, count in
            var input = FuzzInput(start, count)
            switch input.byte() % 2 {
            case 0: TR34Fuzzer.anyBytes(input.byte() % 6, input.rest())
            default: TR34Fuzzer.changed(&input)
            }
            return 0
        }
    }

    static let world = FuzzWorld()

    // MARK: 1

    private static func anyBytes(_ reader: UInt8, _ bytes: [UInt8]) {
        switch reader {
        case 0: randomNumber(bytes)
        case 1: credential(bytes)
        case 2: keyToken(bytes)
        case 3: bindingToken(bytes)
        case 4: certificate(bytes)
        default: revocationList(bytes)
        }
    }

    private static func randomNumber(_ bytes: [UInt8]) {
        guard let number = try? TR34.randomNumber(readingToken: bytes) else { return }
        guard let token = try? TR34.token(randomNumber: number) else { stop("a number that was read is not written") }
        guard let again = try? TR34.randomNumber(readingToken: token) else { stop("a number is not read again") }
        hold(again == number, "another number")
    }

    private static func credential(_ bytes: [UInt8]) {
        guard let read = try? TR34.Credential(reading: bytes) else { return }
        let token = TR34.Credential.token(certificate: read.certificate, revocationList: read.revocationList)
        guard let again = try? TR34.Credential(reading: token) else { stop("a credential is not read again") }
        hold(again.certificate == read.certificate, "another certificate")
        hold(again.revocationList == read.revocationList, "another list")
        var device = world.makeDevice(boundTo: nil)
        hold((try? device.bind(credentialToken: bytes, at: FuzzWorld.now)) == nil, "an unknown host is bound to")
    }

    private static func keyToken(_ bytes: [UInt8]) {
        guard let token = try? TR34.KeyToken(reading: bytes) else { return }
        if let number = token.randomNumber { hold((8...64).contains(number.count), "the length of a random number") }
        _ = token.isSigned(by: world.host)
        _ = try? token.revocationList(of: world.host)
        hold((try? token.verify(host: world.host)) == nil, "a token that the host did not sign")
        var device = world.makeDevice(boundTo: world.host)
        do throws(TR34Error) {
            _ = try device.receive(keyToken: bytes, at: FuzzWorld.now)
            stop("a key that nobody sent")
        } catch {}
    }

    private static func bindingToken(_ bytes: [UInt8]) {
        guard let token = try? TR34.BindingToken(reading: bytes) else { return }
        hold((try? token.verify(signer: world.host)) == nil, "a token that the host did not sign")
        hold((try? token.verify(signer: world.authority)) == nil, "a token that the authority did not sign")
        var device = world.makeDevice(boundTo: world.host)
        hold((try? device.unbind(token: bytes, at: FuzzWorld.now)) == nil, "an unbinding that nobody asked for")
        hold((try? device.rebind(token: bytes, at: FuzzWorld.now)) == nil, "a rebinding that nobody asked for")
    }

    private static func certificate(_ bytes: [UInt8]) {
        _ = try? Certificate(pem: String(decoding: bytes, as: UTF8.self))
        guard let read = try? Certificate(der: bytes) else { return }
        hold(read.der == bytes, "other bytes of a certificate")
        guard let again = try? Certificate(pem: read.pem) else { stop("a certificate does not survive PEM") }
        hold(again.id == read.id && again.publicKey == read.publicKey, "another certificate from PEM")
        _ = (read.subjectText, read.id.issuerText)
        for role in CertificateRole.allCases { _ = read.permits(role) }
        let trusted = TrustedAuthorities(anchors: [world.hostAuthority])
        hold(
            (try? trusted.validate(read, as: .keyDistributionHost, at: FuzzWorld.now, revocationList: nil)) == nil
                || world.knows(read), "an unknown certificate is trusted")
    }

    private static func revocationList(_ bytes: [UInt8]) {
        _ = try? RevocationList(pem: String(decoding: bytes, as: UTF8.self))
        guard let read = try? RevocationList(der: bytes) else { return }
        hold(read.der == bytes, "other bytes of a list")
        guard let again = try? RevocationList(pem: read.pem) else { stop("a list does not survive PEM") }
        hold(again.thisUpdate == read.thisUpdate && again.nextUpdate == read.nextUpdate, "another list from PEM")
    }

    // MARK: 2

    private static func changed(_ input: inout FuzzInput) {
        let kind = input.element(FuzzWorld.Kind.allCases)
        let original = world.token(kind)
        var bytes = original
        for _ in 0..<input.number(below: 4) where !bytes.isEmpty {
            let place = input.number(below: bytes.count)
            switch input.byte() % 5 {
            case 0: bytes[place] ^= 1 << (input.byte() % 8)
            case 1: bytes[place] = input.byte()
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + input.number(below: 8)))
            case 3: bytes.insert(contentsOf: input.bytes(1 + input.number(below: 8)), at: place)
            default:
                // A piece of the same token, or of another one, somewhere else.
                let other = world.token(input.element(FuzzWorld.Kind.allCases))
                let start = input.number(below: other.count)
                let piece = other[start..<min(other.count, start + 1 + input.number(below: 600))]
                bytes.replaceSubrange(place..<min(bytes.count, place + input.number(below: 600)), with: piece)
            }
        }
        give(bytes, kind, isChanged: bytes != original)
    }

    private static func give(_ bytes: [UInt8], _ kind: FuzzWorld.Kind, isChanged: Bool) {
        var device = world.makeDevice(boundTo: kind == .credential ? nil : world.host)
        let before = device.state
        do throws(TR34Error) {
            switch kind {
            case .credential:
                try device.bind(credentialToken: bytes, at: FuzzWorld.now)
                hold(device.state.host.map(world.knows) == true, "bound to an unknown host")
            case .onePassKey, .twoPassKey:
                let received = try device.receive(keyToken: bytes, at: FuzzWorld.now)
                hold(received.header == FuzzWorld.header, "another header")
                hold(received.takeKey().equals(world.key), "another key")
            case .unbinding, .authorityUnbinding:
                try device.unbind(token: bytes, at: FuzzWorld.now)
                hold(device.state.host == nil, "still bound")
            case .rebinding, .authorityRebinding:
                try device.rebind(token: bytes, at: FuzzWorld.now)
                hold(device.state.host.map(world.knows) == true, "bound to an unknown host")
            }
            hold(device.state != before, "a token that was taken changes nothing")
        } catch {
            hold(isChanged, "an unchanged token is refused")
            hold(device.state == before, "a refused token changes the device")
        }
    }
}
