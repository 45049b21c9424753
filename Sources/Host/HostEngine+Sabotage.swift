// SPDX-License-Identifier: Apache-2.0

extension HostEngine {
    /// Breaks the host's state on purpose, for the simulator's test of its own checks: what was answered is forgotten,
    /// leases never end. No decision has a branch for it.
    package func sabotage(_ forgetsAnswers: Bool, _ extendsLeases: Bool) {
        if forgetsAnswers { host.forgetAnswers() }
        if extendsLeases { host.extendLeases() }
    }
}
