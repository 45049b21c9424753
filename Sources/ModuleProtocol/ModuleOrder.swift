// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What a host orders a module to do, in the ticket that answers its evidence and under the ticket's CMAC: the POS
/// application can hold an order back, which keeps the terminal halted, and neither make nor repeat one.
public enum ModuleOrder: Equatable, Sendable {
    /// Two people have ordered that every secret of this device go, as for the warning named (K04, T03).
    case eraseEverything(WarningCode)
    /// The key set is compromised (K01): the financial keys made from it go.
    case revokeKeys(keySet: UInt16)
    /// The supervisors of the PIN pad may try their passcodes again (K07).
    case unlockSupervisors
    /// The audit log begins anew after a broken chain was investigated (S06).
    case beginLogEpoch

    private enum Kind: UInt8 {
        case eraseEverything = 1, revokeKeys, unlockSupervisors, beginLogEpoch
    }

    public func write(to writer: inout ByteWriter) {
        switch self {
        case .eraseEverything(let code):
            writer.byte(Kind.eraseEverything.rawValue)
            writer.byte(code.wireNumber)
        case .revokeKeys(let keySet):
            writer.byte(Kind.revokeKeys.rawValue)
            writer.unsigned(keySet)
        case .unlockSupervisors: writer.byte(Kind.unlockSupervisors.rawValue)
        case .beginLogEpoch: writer.byte(Kind.beginLogEpoch.rawValue)
        }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "order") {
        case .eraseEverything: self = .eraseEverything(try reader.warning())
        case .revokeKeys: self = .revokeKeys(keySet: try reader.unsigned())
        case .unlockSupervisors: self = .unlockSupervisors
        case .beginLogEpoch: self = .beginLogEpoch
        }
    }
}
