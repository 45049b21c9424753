// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import UnionPay

/// How a terminal and its host write their messages.
public enum TerminalDialect: String, CaseIterable, Sendable {
    /// Digits as characters, two bytes of length before the message.
    case iso8583 = "iso8583-1987"
    /// The same messages with packed digits.
    case iso8583Binary = "iso8583-1987-binary"
    /// UnionPay's, behind TPDU and header; needs a session profile.
    case unionPayPOS = "unionpay-pos"

    /// What the codes of its answers mean.
    public var network: NetworkProfile { self == .unionPayPOS ? .unionPayPOS : .iso8583 }

    /// The layout of what stands on the line.
    public var wire: MessageSpec {
        switch self {
        case .iso8583: .iso8583_1987
        case .iso8583Binary: .iso8583_1987_binary
        case .unionPayPOS: .unionpayPOS
        }
    }

    /// Room for a segment of the module's audit log: DE 57, in UnionPay's behind the health element.
    var logBytesMax: Int { self == .unionPayPOS ? UnionPay.securityBytesMax - UnionPay.healthLength : 999 }

    /// The layout that the core reads and writes: UnionPay's adapter turns one of `iso8583-1987` into the line's and back.
    var core: MessageSpec { self == .unionPayPOS ? .iso8583_1987 : wire }
}
