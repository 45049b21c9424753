// SPDX-License-Identifier: Apache-2.0

/// What has been entered in a ceremony, in one of its two forms, or nothing any more.
enum KeyCeremonyMaterial: ~Copyable, Sendable {
    case components(KeyComponents)
    case shares(KeyShares)
    case gone

    init(_ plan: KeyCeremonyPlan) throws(KeyComponentError) {
        switch plan.division {
        case .components:
            self = .components(try KeyComponents(algorithm: plan.algorithm, keyCount: plan.keyCount))
        case .shares(let threshold):
            self = .shares(
                try KeyShares(algorithm: plan.algorithm, keyCount: plan.keyCount, threshold: threshold))
        }
    }

    /// - Returns: false when it is not components that are collected.
    mutating func enter(
        _ component: borrowing SecretKey, checkValue: [UInt8]
    ) throws(KeyComponentError) -> Bool {
        switch consume self {
        case .components(var components):
            do throws(KeyComponentError) {
                try components.enter(component, checkValue: checkValue)
            } catch {
                self = .components(components)
                throw error
            }
            self = .components(components)
            return true
        case let other:
            self = other
            return false
        }
    }

    /// - Returns: false when it is not shares that are collected.
    mutating func enter(_ share: borrowing KeyShare, checkValue: [UInt8]) throws(KeyComponentError) -> Bool {
        switch consume self {
        case .shares(var shares):
            do throws(KeyComponentError) {
                try shares.enter(share, checkValue: checkValue)
            } catch {
                self = .shares(shares)
                throw error
            }
            self = .shares(shares)
            return true
        case let other:
            self = other
            return false
        }
    }

    /// The key, which has the check value.
    borrowing func form(checkValue: [UInt8]) throws(KeyComponentError) -> SecretKey {
        switch self {
        case .components(let components): return try components.form(checkValue: checkValue)
        case .shares(let shares): return try shares.form(checkValue: checkValue)
        case .gone: throw .notEnough(0)
        }
    }
}
