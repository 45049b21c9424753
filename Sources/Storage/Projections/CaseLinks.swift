// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The link and the code by which a cardholder answers about a case: derived, so that the journal holds neither.
///
/// The two travel in different messages (rule R11): whoever reads the mail alone can say "not me", which only stops;
/// "it was me" needs the code too.
public final class CaseLinks: Sendable {
    /// Hexadecimal digits of a token.
    public static let tokenLength = 32
    /// Digits of a code.
    public static let codeLength = 6

    private let mac: HMACSHA256

    /// - Parameter key: at least 16 bytes; another key makes every link sent so far invalid.
    public init(key: borrowing SecretKey) {
        precondition(key.count >= 16, "the key of the links has at least 16 bytes")
        mac = HMACSHA256(key: key)
    }

    /// The token of a case's link: the first 16 bytes of HMAC-SHA-256 over `link:` and the case, in hexadecimal.
    public func token(_ id: CaseID) -> String { Hex.text(mac.code(Array("link:\(id)".utf8)).prefix(16)) }

    /// Six digits: HMAC-SHA-256 over `code:` and the case, its first 64 bits modulo 1,000,000.
    public func code(_ id: CaseID) -> String {
        let word = mac.code(Array("code:\(id)".utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(word % 1_000_000)
        return String(repeating: "0", count: Self.codeLength - digits.count) + digits
    }

    /// `/c/<case>/<token>`.
    public func path(_ id: CaseID) -> String { "/c/\(id.number)/\(token(id).lowercased())" }

    /// Whether the token is the case's; in constant time.
    public func verify(token: String, of id: CaseID) -> Bool {
        constantTimeEquals(Array(token.uppercased().utf8), Array(self.token(id).utf8))
    }

    /// Whether the code is the case's; in constant time. The caller counts the tries.
    public func verify(code: String, of id: CaseID) -> Bool {
        constantTimeEquals(Array(code.utf8), Array(self.code(id).utf8))
    }
}
