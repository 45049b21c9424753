// SPDX-License-Identifier: Apache-2.0

/// The message dialect between terminal and host; the raw value is its name in data files and options.
public enum NetworkProfile: String, CaseIterable, Sendable {
    /// The international layout of ISO 8583:1987.
    case iso8583 = "iso8583-1987"
    /// The UnionPay POS layout: BCD, TPDU, sign-on.
    case unionPayPOS = "unionpay-pos"

    /// The column of the profile in the intent table.
    var column: Int {
        switch self {
        case .iso8583: 0
        case .unionPayPOS: 1
        }
    }
}
