// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// A fault that the bench can make around a terminal's hardware: in its files, its link, or its application.
public enum TerminalFault: String, CaseIterable, Sendable {
    /// One bit of the POS application's journal is another, and the application crashes and starts again.
    case journalDamaged
    /// The journal's disk is full.
    case journalFull
    /// The module does not answer.
    case unresponsive
    /// Another terminal's module is in the place of this one's.
    case swap
    /// The terminal is started with other parameters.
    case parameters
    /// The application crashes and starts again, three times.
    case crash

    /// The warning by which the terminal finds it. A module that does not answer is L01 first, and L03 when it has been
    /// reset three times in vain.
    public var warning: WarningCode {
        switch self {
        case .journalDamaged, .journalFull, .parameters, .crash: .p02
        case .unresponsive: .l01
        case .swap: .l02
        }
    }
}

/// Which module the key-loading facility is asked for.
public enum ModuleUnit: Sendable {
    /// The terminal's own.
    case own
    /// One made for the same terminal under another serial number: what a thief would put in.
    case other
}
