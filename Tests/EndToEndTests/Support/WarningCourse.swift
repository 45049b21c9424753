// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

/// One row of the matrix of warnings: what brings a warning about, and what lets it end. Who must clear it, what it stops
/// and what it erases are the catalogue's to say.
struct WarningCourse: Sendable, CustomTestStringConvertible {
    typealias Act = @Sendable (WarningScene) throws -> Void

    enum Place: Sendable { case module, terminal, estate }

    let code: WarningCode
    /// The severity that the cause brings.
    let severity: Severity
    /// Where it is open at once; who clears it sees it at the estate before that at the latest.
    let places: [Place]
    var profile = KeyProfile.aes
    var heartbeat = Interval.seconds(2)
    /// The supplier's key is pinned in the module.
    var isPinned = false
    /// Key slots that are empty because of the cause, or because of what the catalogue calls the key concerned.
    var lost: [UInt8] = []
    /// Its keys are out of reach, and are taken out of use by new ones instead.
    var isOutOfReach = false
    /// Who clears what came back, where that is not who clears the first.
    var otherwise: Clearance?
    /// There is no line, so nothing can be sold whatever the warning stops.
    var isCutOff = false
    /// Before the terminal is activated.
    var prepare: Act = { _ in }
    let cause: Act
    /// The end of the cause.
    var cure: Act = { _ in }
    /// New keys, which the catalogue asks for after the clearance.
    var renew: Act?

    init(_ code: WarningCode, _ severity: Severity? = nil, at places: [Place], cause: @escaping Act) {
        (self.code, self.severity, self.places, self.cause) = (code, severity ?? code.severity, places, cause)
    }

    init(_ code: WarningCode, fault: HardwareFault, at places: [Place] = [.module, .terminal, .estate]) {
        self.init(code, at: places) { $0.till.change { $0.apply(fault) } }
        cure = { $0.till.change { $0.repair(fault) } }
    }

    func with(_ change: (inout WarningCourse) -> Void) -> WarningCourse {
        var course = self
        change(&course)
        return course
    }

    var testDescription: String { "\(code.rawValue) \(severity.name)" }
    var clearance: Clearance { otherwise ?? code.clearance(at: severity) }
    var halts: Halt { code.level(at: severity).halts }

    static let all = first + graver
    private static let first = hardware + software + keys + tampering + links + lifecycle + application

    /// What the product cannot bring about yet, and why.
    static let notYet: [(WarningCode, String)] = []
}
