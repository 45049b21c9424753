// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol

/// The messages of UnionPay terminals in the form the cores read and write, which is `iso8583-1987`, and back.
///
/// An adapter and nothing else: it decides nothing and knows no key. What UnionPay's fields have no room for travels in
/// its private fields: 57 holds the health element and, behind it, a sign-on's evidence (in an answer: the lease ticket),
/// 58 a nonce or a one-time token, 59 tagged text (`PrivateData`).
///
/// ## Topics
/// - Terminal: ``request(_:_:)``, ``coreAnswer(_:)``
/// - Host: ``coreRequest(_:)``, ``answer(to:_:display:)``
/// - On the line: ``Envelope``
public enum UnionPay {
    /// Bytes of the health element at the beginning of field 57.
    public static let healthLength = HealthElement.length
    /// Bytes of field 57.
    public static let securityBytesMax = 512
    /// As many items of a batch go into field 48: four digits and 32 for each, 322 at most.
    public static let batchItemsMax = 9

    /// Field 60.3, network management code.
    enum Code {
        static let signOnTDES = "003"
        /// With a key for track data.
        static let signOnTracks = "004"
        static let signOnSM4 = "005"
        static let signOns: [String] = ["001", "003", "004", "005"]
        static let signOff = "002"
        static let settlement = "201"
        /// Not balanced.
        static let uploadEnd = "202"
        /// Every code that ends an upload: not balanced and balanced.
        static let uploadEnds: [String] = ["202", "207"]
        static let echo = "301"
        /// A warning report, a message of this house.
        static let report = "901"
        static let none = "000"
    }

    /// DE 70 of the cores' messages (ISO 8583:1987: 001 sign-on, 002 sign-off, 301 echo).
    enum CoreCode {
        static let signOn: UInt64 = 1
        static let signOff: UInt64 = 2
        static let items: UInt64 = 201
        static let end: UInt64 = 202
        static let echo: UInt64 = 301
    }

    /// Message types of network management advices, which the cores do not have.
    static let managementAdvice = known(0x0820)
    static let managementAdviceResponse = known(0x0830)

    private static func known(_ rawValue: UInt16) -> MTI {
        guard let mti = MTI(rawValue: rawValue) else { preconditionFailure("four decimal digits") }
        return mti
    }

    /// Bytes of the key download that a sign-on asks for: PIK and MAK, and a TDK behind them.
    public static func downloadLength(for wire: MessageView) -> Int {
        wire.text(60, part: 3) == Code.signOnTracks ? 60 : 40
    }

    /// The kind of a field 60.1.
    static func kind(_ type: some StringProtocol) -> TransactionKind? {
        UInt8(type).flatMap { type in TransactionKind.allCases.first { $0.unionPayType == type } }
    }

    /// A number with zeros in front.
    static func digits(_ number: UInt64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
