// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// What was seen of one warning, from its cause to its end. Nothing here is a judgement.
struct Observation: Equatable, Sendable {
    /// Who refused to let somebody clear it, and how.
    struct Attempt: Equatable, Sendable {
        var user: String
        /// The console's status: 403 for a role that may not, 409 for a way that is not theirs.
        var status: Int
    }

    /// Where the warning was open.
    var places: [Place] = []
    /// From the cause to the last of those places.
    var seconds = 0.0
    /// How the estate desk graded it.
    var severity: String?
    /// How a sale at the till ended while it was open.
    var till: String?
    /// What a rogue POS application, that knows of no warning, got of the module meanwhile: `refused`, or the host's answer
    /// to what the module protected.
    var module: String?
    /// DE 39 of the host's answer to an authentic sale that the module had protected before the cause.
    var host: String?
    /// DE 39 of the host's answer to another such sale, before the cause.
    var control: String?
    var slotsBefore: [String] = []
    var slotsAfter: [String] = []
    var refused: [Attempt] = []
    /// Who cleared it, in order.
    var people: [String] = []
    /// A sale was refused once more when all but the last of them had spoken.
    var stoodFirm: Bool?
    /// How a sale at the till ended after its end.
    var after: String?
    /// What the desk still had open then.
    var left: [String] = []
    /// Why it went no further.
    var failure: String?
}

/// Where a warning can be seen.
enum Place: String, CaseIterable, Sendable {
    /// In the module's own status.
    case module
    /// On the terminal's screen.
    case terminal
    /// On the terminal's page at the estate desk.
    case desk
}
