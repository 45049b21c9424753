// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension SoftHostModule {
    /// A module whose keys follow from a seed, so that a simulated run can be repeated. Never for real terminals: whoever
    /// knows the seed knows every key.
    public static func simulated(seed: UInt64) -> SoftHostModule? {
        var random = SeededRandom(seed: seed)
        let bytes = [UInt8(1)] + random.bytes(HostMasters.keyBytes * HostMasters.Role.allCases.count)
        let blob = SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
        let transport = SecretKey.random(count: 32)
        return SoftHostModule(wrapped: blob.wrapped(under: transport), under: transport)
    }
}
