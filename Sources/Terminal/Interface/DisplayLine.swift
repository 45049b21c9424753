// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol

/// A line for the clerk's display, in both languages.
public struct DisplayLine: Equatable, Sendable {
    /// Where the text comes from.
    public enum Source: Equatable, Sendable {
        /// A key of `Texts`.
        case text(String)
        /// What the catalogue says to a response code.
        case code(ResponseCode)
        /// What the catalogue says to an intent.
        case intent(Intent)
        /// The title of a warning, behind its code.
        case warning(WarningCode)
    }

    public var source: Source
    public var en: String
    public var zh: String

    /// The text in one language.
    public subscript(language: Language) -> String {
        switch language {
        case .en: en
        case .zh: zh
        }
    }

    /// A text of the catalogue by its key.
    public static func text(_ key: String) -> DisplayLine {
        DisplayLine(source: .text(key), en: Texts.text(key, .en), zh: Texts.text(key, .zh))
    }

    /// What to do on a response code.
    public static func reading(_ reading: TerminalReading) -> DisplayLine {
        DisplayLine(
            source: .code(reading.code), en: reading.display(.en, .merchant), zh: reading.display(.zh, .merchant))
    }

    /// What to do on an intent.
    public static func intent(_ intent: Intent) -> DisplayLine {
        DisplayLine(
            source: .intent(intent), en: intent.display(.en, .merchant), zh: intent.display(.zh, .merchant))
    }

    /// An open warning.
    public static func warning(_ code: WarningCode) -> DisplayLine {
        let title = code.entry.title
        return DisplayLine(
            source: .warning(code), en: "\(code.rawValue) \(title.en)", zh: "\(code.rawValue) \(title.zh)")
    }

    /// Why a sale was refused.
    static func refusal(_ refusal: SaleRefusal) -> DisplayLine {
        switch refusal {
        case .busy: .text("terminal.wait")
        case .invalid(.amount), .invalid(.currency): .intent(.invalidAmount)
        case .invalid(.goods), .invalid(.challenge), .invalid(.message): .intent(.invalidTransaction)
        case .invalid(.original): .intent(.noOriginal)
        case .settling: .text("terminal.settling")
        case .batchFull: .text("terminal.batchFull")
        case .nothingToSettle: .text("terminal.nothingToSettle")
        case .halted: .text("terminal.stopped")
        case .offline: .text("terminal.offline")
        case .notSignedOn: .text("terminal.signOn")
        case .module(.noPIN): .intent(.pinRequired)
        case .module(.leaseMissingOrExpired): .intent(.leaseExpired)
        case .module(.notActivated): .intent(.terminalNotActive)
        case .module: .intent(.moduleHalted)
        case .cancelled, .pinTimeout: .text("terminal.cancelled")
        }
    }
}
