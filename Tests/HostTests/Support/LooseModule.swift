// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule
import Vocabulary

/// A module that a test holds the plug of, question by question.
final class LooseModule: HostModulePort, ZoneModulePort {
    enum Question: CaseIterable {
        case open, seal, cardKeys, nonce, verifyLog, openJournal, sealPAN, openPAN, zoneSeal, makeKeys, readKeys
    }

    private let module: SoftHostModule
    /// What is not answered.
    var silent: Set<Question> = []

    init(_ module: SoftHostModule) { self.module = module }

    private func check(_ question: Question) throws(ModuleUnavailable) {
        if silent.contains(question) { throw .away }
    }

    func open(_ commands: [OpenCommand]) throws(ModuleUnavailable) -> [OpenVerdict] {
        try check(.open)
        return module.open(commands)
    }
    func seal(_ commands: [SealCommand]) throws(ModuleUnavailable) -> [[UInt8]] {
        try check(.seal)
        return module.seal(commands)
    }
    func cardKey(_ pan: PAN) throws(ModuleUnavailable) -> CardKey {
        try check(.cardKeys)
        return module.cardKey(pan)
    }
    func nonce(_ context: [UInt8]) throws(ModuleUnavailable) -> [UInt8] {
        try check(.nonce)
        return module.nonce(context)
    }
    func verifyLog(_ question: LogQuestion) throws(ModuleUnavailable) -> LogVerdict {
        try check(.verifyLog)
        return module.verifyLog(question)
    }
    func openJournal(_ command: OpenJournalCommand) throws(ModuleUnavailable) -> JournalDelivery {
        try check(.openJournal)
        return module.openJournal(command)
    }

    var isAvailable: Bool { silent.isEmpty }
    func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]? {
        silent.contains(.zoneSeal) ? nil : module.seal(message, covered: covered, mac: mac, zone: zone)
    }
    func keyNumber(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> UInt32? {
        module.keyNumber(message, covered: covered, mac: mac, zone: zone)
    }
    func makeKeys(_ zone: ZoneID) throws(ModuleUnavailable) -> ZoneKeyOffer? {
        try check(.makeKeys)
        return module.makeKeys(zone)
    }
    func readKeys(_ blocks: String, zone: ZoneID) throws(ZoneKeyError) -> ZoneKeyOffer {
        if silent.contains(.readKeys) { throw .unavailable }
        return try module.readKeys(blocks, zone: zone)
    }
    func useKeys(_ accepted: [ZoneKeySet], sending: UInt32, zone: ZoneID) -> Bool {
        module.useKeys(accepted, sending: sending, zone: zone)
    }
    func sealPAN(_ pan: PAN) throws(ModuleUnavailable) -> [UInt8] {
        try check(.sealPAN)
        return module.sealPAN(pan)
    }
    func openPAN(_ sealed: [UInt8]) throws(ModuleUnavailable) -> PAN? {
        try check(.openPAN)
        return module.openPAN(sealed)
    }
}
