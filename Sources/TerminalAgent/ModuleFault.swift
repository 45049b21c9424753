// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// What the bench can do to a module through its power, its memory, its command port or its update: what a thief, malware
/// or a bad release would.
public enum ModuleFault: String, CaseIterable, Sendable {
    /// The module loses its power and starts again. Three starts in ten minutes that no orderly end has closed are a loop.
    case moduleCrash
    /// The module is switched off in order and starts again.
    case moduleRestart
    /// One bit of a stored key is another, and the module starts again.
    case keyStore
    /// One bit of the stored key of the audit log's records is another, and the module starts again.
    case logChain
    /// The POS application asks for five self-tests, each of which is in the audit log.
    case selfTests
    /// Somebody copies the module's memory. Nothing shows.
    case imageCopied
    /// That copy is put back, and the module starts again.
    case imageOld
    /// The POS application asks ten times within a second for what no module gives.
    case misuse
    /// Somebody tries ten PINs at the keypad.
    case pinGuessing
    /// A signed version of the module's software is installed and tried from the next start on. Where no answer of the host
    /// comes it never attests. Only where a supplier's key is pinned.
    case deadUpdate

    /// The warning by which it is found; nil: by none of its own. PINs come too fast from the 121st of an hour on.
    public var warning: WarningCode? {
        switch self {
        case .moduleCrash: .s02
        case .keyStore: .h03
        case .logChain: .s06
        case .moduleRestart, .imageCopied, .selfTests: nil
        case .imageOld: .h04
        case .misuse: .s04
        case .pinGuessing: .k05
        case .deadUpdate: .a04
        }
    }
}
