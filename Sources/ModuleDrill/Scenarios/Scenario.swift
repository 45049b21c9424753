// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// One row of the drill: what brings a warning about, and what lets it end. What it stops and erases and who clears it are
/// the catalogue's to say.
struct Scenario: Sendable {
    typealias Act = @Sendable (Course) throws -> Void

    var expectation: Expectation
    /// What is done, for the report.
    let fault: String
    /// The key profile, as the console calls it.
    var profile = "aes"
    /// A key set of its own, where the whole set is concerned.
    var keySet = 1
    /// The shop, from 1 to 5.
    var shop = 1
    /// The maker's number of the model, where one model is concerned.
    var model: Int64?
    /// The supplier's key is pinned in the module.
    var isPinned = false
    /// After so long the warning counts as not detected.
    var secondsMax = 30
    /// Time may pass meanwhile: the terminal is deaf to it.
    var waitsAside = false
    /// Before the terminal is activated.
    var prepare: Act = { _ in }
    /// What comes before the cause and shows nothing.
    var lead: Act = { _ in }
    let cause: Act
    /// The end of the cause.
    var cure: Act = { _ in }
    /// New keys or another inspection, which the catalogue asks for after the clearance.
    var renew: Act = { _ in }

    init(
        _ code: WarningCode, _ severity: Severity? = nil, at places: [Place] = Place.allCases, by fault: String,
        cause: @escaping Act
    ) {
        expectation = Expectation(code: code, severity: severity ?? code.severity, places: places)
        (self.fault, self.cause) = (fault, cause)
    }

    /// A fault of the bench, which is taken away again.
    init(
        _ code: WarningCode, at places: [Place] = Place.allCases, bench name: String, _ fault: String,
        repairs: Bool = true
    ) {
        self.init(code, at: places, by: fault) { try $0.till.fault(name) }
        if repairs { cure = { try $0.till.repair(name) } }
    }

    /// Found in the evidence of the next sign-on.
    init(_ code: WarningCode, attested name: String, _ fault: String) {
        self.init(code, at: [.terminal, .desk], by: fault) { course in
            try course.till.fault(name)
            try course.till.signOn()
        }
        cure = { try $0.till.repair(name) }
    }

    func with(_ change: (inout Scenario) -> Void) -> Scenario {
        var scenario = self
        change(&scenario)
        return scenario
    }

    var code: WarningCode { expectation.code }

    /// Every code of the catalogue once, in its order.
    static let all = hardware + software + keys + tampering + links + lifecycle + application

    /// What takes longest begins first.
    static func order(_ left: Scenario, _ right: Scenario) -> Bool { left.secondsMax > right.secondsMax }
}
