// SPDX-License-Identifier: Apache-2.0
import Catalogue

extension WarningCode {
    /// Warnings that end by proof and whose cause lies where only the module can look: algorithms and environment.
    ///
    /// Evidence that names one says that the fault is there now. Of the others that end by proof, the host sees the cause
    /// itself: the version in the evidence (C02), the self-test's age (S03), the lease that it grants (A02), the module
    /// that answers (L01).
    public static let endedByModuleProof: [WarningCode] = [.h01, .h06]

    /// Warnings that the POS application may find by itself: the module's event counter does not count them.
    public static let foundByApplication: [WarningCode] = [.c01, .l01, .l02, .l03, .p02, .p04]
}
