// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The cryptography of the health element, for the side that writes it and the side that verifies it.
enum HealthElementSeal {
    private static let zeros = [UInt8](repeating: 0, count: HealthElement.length)

    /// The first eight bytes of SHA-256 over what the MAC covers, the element taken as zero.
    static func digest(_ message: [UInt8], health: Range<Int>, covered: Range<Int>) -> [UInt8] {
        var hash = SHA256()
        message.withUnsafeBytes { message in
            hash.update(UnsafeRawBufferPointer(rebasing: message[covered.lowerBound..<health.lowerBound]))
            hash.update(zeros)
            hash.update(UnsafeRawBufferPointer(rebasing: message[health.upperBound..<covered.upperBound]))
        }
        return Array(hash.finalize().prefix(HealthElement.digestRange.count))
    }

    static func write(
        _ claims: HealthClaims, key: borrowing SecretKey, into message: inout [UInt8], _ health: Range<Int>,
        _ covered: Range<Int>
    ) {
        var element = HealthElement.encode(claims)
        element += digest(message, health: health, covered: covered)
        element += AESCMAC(key: key).code(element).prefix(HealthElement.macRange.count)
        message.replaceSubrange(health, with: element)
    }
}

extension Optional where Wrapped: ~Copyable {
    /// Lends what is there, without a copy.
    borrowing func borrowed<R: ~Copyable>(_ body: (borrowing Wrapped) -> R) -> R? {
        switch self {
        case .some(let value): body(value)
        case .none: nil
        }
    }
}
