// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ModuleProtocol
import ModuleServer
import ModuleWire
import PaymentCryptography
import SecurityModule

/// What comes to the socket of a host's module, three ways, chosen by the first byte:
/// 1. any bytes on a line that has not said who it is: nothing but refusals, and an introduction;
/// 2. any bytes as the body of one command of each role's: what is decoded has one form, is done or refused, and what comes back is
///    read as it was written;
/// 3. any bytes as a reply.
/// And afterwards the module does what it did before.
@main
enum ModuleCommandFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            switch input.byte() % 4 {
            case 0: ModuleCommandFuzzer.stranger(&input)
            case 1: ModuleCommandFuzzer.reply(&input)
            default: ModuleCommandFuzzer.command(&input)
            }
            return 0
        }
    }

    private final class Held: @unchecked Sendable {
        // Unchecked: libFuzzer calls in one thread.
        let service: HostModuleService
        let publicKey: [UInt8]
        var number: UInt32 = 0
        init() {
            guard let module = SoftHostModule.simulated(seed: 1), let key = try? P256PrivateKey.generate(),
                (try? module.installZone(
                    ModuleCommandFuzzer.zone, pinKey: SecretKey.random(count: 24).withOddParity(),
                    macKey: .random(count: 16), permitsWeakerCipher: true)) == true,
                (try? module.installZoneProtection(ModuleCommandFuzzer.zone, key: .random(count: 32))) == true
            else { stop("no module") }
            service = HostModuleService(module, linkKey: .random(count: 32))
            publicKey = key.publicKey.bytes
        }
        /// One line of each role, made again when it has ended.
        lazy var lines: [ModuleSession] = WireRole.allCases.map(line)

        func line(_ role: WireRole) -> ModuleSession {
            let line = ModuleSession(service)
            let hello = WireRequest.hello(WireHello(role: role, publicKey: publicKey))
            guard case .hello? = ModuleCommandFuzzer.answer(line, hello.frame(1).encoded()) else { stop("no line") }
            return line
        }
    }

    private static let zone = ZoneID("NORTH")
    private static let held = Held()
    private static let nonce = answer(held.lines[0], WireRequest.nonce([7]).frame(1).encoded())

    /// What a line answers to the first whole frame.
    private static func answer(_ line: ModuleSession, _ bytes: [UInt8]) -> WireReply? {
        bytes.withUnsafeBytes { line.receive($0) }
        guard let encoded = line.answer() else { return nil }
        guard let (frame, count) = try? WireFrame.first(in: encoded[...]), count == encoded.count else {
            stop("an answer is no frame")
        }
        guard let reply = try? WireReply(frame) else { stop("an answer cannot be read") }
        hold(reply.frame(frame.number).encoded() == encoded, "an answer has two forms")
        return reply
    }

    private static func stranger(_ input: inout FuzzInput) {
        let line = ModuleSession(held.service)
        var reply = answer(line, input.rest())
        while let found = reply {
            switch found {
            case .refused, .hello: break
            default:
                // Behind an introduction of its own it may ask.
                return
            }
            reply = answer(line, [])
        }
        hold(!line.isReady, "a frame is not answered")
    }

    private static func reply(_ input: inout FuzzInput) {
        let frame = WireFrame(number: 1, kind: input.byte(), body: input.rest())
        guard let reply = try? WireReply(frame) else { return }
        hold(reply.frame(1) == frame, "a reply has two forms")
    }

    private static func command(_ input: inout FuzzInput) {
        let expected = nonce
        let place = input.number(below: WireRole.allCases.count)
        let kind = input.byte() % UInt8(WireKind.allCases.count + 1)
        let frame = WireFrame(number: 9, kind: kind, body: input.rest())
        if let request = try? WireRequest(frame) { hold(request.frame(9) == frame, "a command has two forms") }
        hold(answer(held.lines[place], frame.encoded()) != nil, "a command is not answered")
        for (place, role) in WireRole.allCases.enumerated() where held.lines[place].hasEnded {
            held.lines[place] = held.line(role)
        }
        let again = answer(held.lines[0], WireRequest.nonce([7]).frame(1).encoded())
        hold(again == expected, "the module does another thing than before")
    }
}
