// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Synchronization
import TerminalAgent
import Vocabulary

/// One virtual terminal that does what it is told and remembers it.
final class FakeDesk: VirtualTerminalDesk, Sendable {
    struct Memory {
        var screen: TerminalScreen
        var keys: [KeypadKey] = []
        var sales: [TillSale] = []
        var faults: [(String, Bool)] = []
    }

    let id: TerminalID
    private let memory: Mutex<Memory>

    init(_ id: TerminalID) {
        self.id = id
        memory = Mutex(
            Memory(
                screen: TerminalScreen(
                    terminal: id, phase: .ready, en: "Ready", zh: "就绪", keypadCount: nil, warnings: [],
                    openReversals: 0, lastOutcome: nil, lastReference: nil, lastCode: nil, challenge: nil,
                    currency: .eur)))
    }

    var keys: [KeypadKey] { memory.withLock { $0.keys } }
    var sales: [TillSale] { memory.withLock { $0.sales } }
    var faultsMade: [(String, Bool)] { memory.withLock { $0.faults } }

    func change(_ body: (inout TerminalScreen) -> Void) { memory.withLock { body(&$0.screen) } }

    func terminals() async -> [TerminalID] { [id] }
    func screen(_ terminal: TerminalID) async -> TerminalScreen? {
        terminal == id ? memory.withLock { $0.screen } : nil
    }
    func startSale(_ terminal: TerminalID, _ sale: TillSale) async -> Bool {
        memory.withLock { memory in
            memory.sales.append(sale)
            memory.screen.phase = .pin
            memory.screen.en = "Enter PIN on the keypad"
            memory.screen.zh = "请在键盘上输入密码"
            memory.screen.keypadCount = 0
        }
        return true
    }
    func press(_ terminal: TerminalID, _ key: KeypadKey) async -> Bool {
        memory.withLock { memory in
            memory.keys.append(key)
            if case .digit = key { memory.screen.keypadCount = (memory.screen.keypadCount ?? 0) + 1 }
        }
        return true
    }
    func cancel(_ terminal: TerminalID) async -> Bool { true }
    func settle(_ terminal: TerminalID) async -> Bool { true }
    func signOff(_ terminal: TerminalID) async -> Bool { true }
    func signOn(_ terminal: TerminalID) async -> Bool { true }
    func setFault(_ terminal: TerminalID, _ fault: String, repair: Bool) async -> Bool {
        memory.withLock { $0.faults.append((fault, repair)) }
        return true
    }
    func faults() async -> [String] { ["tamper", "loose"] }
}
