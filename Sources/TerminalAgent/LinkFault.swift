// SPDX-License-Identifier: Apache-2.0

/// What the bench can do to a terminal's line. It raises no warning by itself: what does not come through does, in time.
public enum LinkFault: String, CaseIterable, Sendable {
    /// The cable is out.
    case unplugged
    /// Messages arrive, and no answer comes back.
    case answersLost
    /// Of three answers one bit is another, and no further answer comes back.
    case answersAltered

    /// What a line lets through.
    struct Damage {
        var fault: LinkFault
        /// Answers altered so far.
        var altered = 0

        private static let alteredMax = 3

        init(_ fault: LinkFault) { self.fault = fault }

        /// - Returns: what arrives of an answer; nil: nothing does.
        mutating func passing(_ answer: [UInt8]) -> [UInt8]? {
            guard fault == .answersAltered, altered < Self.alteredMax, let last = answer.last else { return nil }
            altered += 1
            return answer.dropLast() + [last ^ 1]
        }
    }
}
