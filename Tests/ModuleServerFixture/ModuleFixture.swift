// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleServer
import PaymentCryptography
import SecurityModule

/// A host's module whose keys tests know, in whatever process.
public enum ModuleFixture {
    public struct Failed: Error {}

    public static let zone = ZoneID("NORTH")
    public static let linkKey = [UInt8](repeating: 0x4C, count: 32)

    private static func key(_ first: UInt8, _ count: Int) -> SecretKey {
        SecretKey(count: count) { $0.copyBytes(from: (0..<count).map { UInt8($0) &* 5 &+ first }) }
    }

    /// The module of a seed, with the keys of one zone.
    public static func module(seed: UInt64) throws -> SoftHostModule {
        guard let module = SoftHostModule.simulated(seed: seed),
            try module.installZone(
                zone, pinKey: key(1, 24).withOddParity(), macKey: key(2, 16), permitsWeakerCipher: true),
            try module.installZoneProtection(zone, key: key(3, 32))
        else { throw Failed() }
        return module
    }

    public static func service(seed: UInt64) throws -> HostModuleService {
        HostModuleService(try module(seed: seed), linkKey: SecretKey(count: 32) { $0.copyBytes(from: linkKey) })
    }
}
