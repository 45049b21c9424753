// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import UnionPay
import Vocabulary

extension TerminalConfiguration {
    private static let parametersVersion: UInt8 = 1

    /// What the terminal is set up with at its installation, as bytes: kept in its book, and compared at each start. How
    /// patient the application is and which version it has are its own matter and not among them.
    var parameters: [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.byte(Self.parametersVersion)
        writer.code(terminal)
        writer.word(merchant.number)
        writer.byte(profile.rawValue)
        writer.text(dialect.rawValue)
        writer.sized(envelope.bytes)
        writer.flag(wantsTrackKey)
        writer.unsigned(currency.numeric)
        writer.byte(stepUp.rawValue)
        return writer.bytes
    }
}
