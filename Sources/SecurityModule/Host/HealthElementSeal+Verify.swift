// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

extension HealthElementSeal {
    /// The claims of an authentic element of this very message; nil for any other.
    static func verify(
        _ message: [UInt8], health: Range<Int>, covered: Range<Int>, code: HealthCode
    ) -> HealthClaims? {
        func part(_ range: Range<Int>) -> Range<Int> {
            health.lowerBound + range.lowerBound..<health.lowerBound + range.upperBound
        }
        guard let claims = HealthElement.decode(message[health]),
            code.verify(message, part(0..<HealthElement.macRange.lowerBound), part(HealthElement.macRange)),
            constantTimeEquals(
                digest(message, health: health, covered: covered), Array(message[part(HealthElement.digestRange)]))
        else { return nil }
        return claims
    }
}
