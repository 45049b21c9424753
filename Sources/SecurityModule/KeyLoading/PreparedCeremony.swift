// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Components that wait for their custodians. The key itself is gone by then.
final class PreparedCeremony {
    /// As long as custodians have at the terminal.
    static let timeMax = KeyLoadingCeremony.timeMax

    private final class Part {
        var component: SecretKey?
        let checkValue: [UInt8]

        init(_ component: borrowing SecretKey, _ checkValue: [UInt8]) {
            self.component = component.copy()
            self.checkValue = Array(checkValue.prefix(ComponentEntry.checkDigits / 2))
        }
    }

    let number: UInt32
    let terminal: TerminalID
    private let deadline: Instant
    private let parts: [Part]

    /// Splits a key.
    init(
        _ number: UInt32, of key: borrowing SecretKey, for terminal: TerminalID, custodians: Int, now: Instant
    ) throws(KeyLoadingRefusal) {
        (self.number, self.terminal, deadline) = (number, terminal, now + Self.timeMax)
        var parts: [Part] = []
        do throws(KeyComponentError) {
            try KeyComponents.split(key, algorithm: .aes, into: custodians) { _, component, checkValue in
                parts.append(Part(component, checkValue))
            }
        } catch { throw .custodians }
        self.parts = parts
    }

    func isOver(at now: Instant) -> Bool { now > deadline }

    func takeSheet(_ number: Int) throws(KeyLoadingRefusal) -> ComponentSheet {
        guard (1...parts.count).contains(number), let component = parts[number - 1].component.take() else {
            throw .noSheet
        }
        return ComponentSheet(
            terminal: terminal, part: number, parts: parts.count, checkValue: parts[number - 1].checkValue,
            component: component)
    }
}
