// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule

// What the tests of session profiles ask of a bench.

func answer(_ bench: Bench, session: UInt32, start: Int = 0) -> [UInt8] {
    bench.host.seal([
        SealCommand(
            keys: bench.keys, ksn: [], message: Array(repeating: 0x31, count: 50), mac: 42..<50, session: session,
            macStart: start)
    ])[0]
}

func verify(_ bench: Bench, _ answer: [UInt8], start: Int = 0) -> Bool {
    bench.handle(.verifyAnswer(message: answer, mac: 42..<50, macStart: start)) == .answerAuthentic(true)
}

func protected(_ bench: Bench, _ purpose: ProtectionPurpose = .authorisation) throws -> [UInt8] {
    guard case .protected(let message) = bench.protect(purpose) else { throw Missing() }
    return message
}

/// A message without room for a MAC.
func bare(_ bench: Bench, _ purpose: ProtectionPurpose) -> TerminalModuleReply {
    let holes = MessageHoles(health: 10..<46, pinBlock: nil, mac: 60..<60)
    let message = [UInt8](repeating: 0x20, count: 60)
    return bench.handle(.protect(purpose: purpose, message: message, holes: holes, pan: nil))
}

func openBare(_ bench: Bench, _ message: [UInt8], admitted: Bool = true) -> OpenVerdict {
    bench.host.open([
        OpenCommand(
            keys: bench.keys, message: message, ksn: 0..<0, mac: message.count..<message.count, health: 10..<46,
            sessions: SessionCandidates(current: nil, admitsNoMAC: admitted))
    ])[0]
}
