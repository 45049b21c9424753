// SPDX-License-Identifier: Apache-2.0
import Vocabulary

@testable import Demo

/// What passed through a door, in order.
struct Recording: Sendable {
    var passages: [(request: Request, answer: Answer)] = []
}

/// Lets everything pass and writes it down.
final class Recorder: Door {
    private let inner: any Door
    private(set) var recording = Recording()

    init(_ inner: any Door) { self.inner = inner }

    func perform(_ request: Request) throws -> Answer {
        let answer = try inner.perform(request)
        recording.passages.append((request, answer))
        return answer
    }
}

/// Plays a recording to a row, with some answers changed.
///
/// A row that is lied to may look again where it did not before: it gets what it got the last time, as from a world
/// that stands still.
final class Player: Door {
    /// The row did something that it did not do in the recording: nothing follows from what it says then.
    struct Diverged: Error, CustomStringConvertible {
        var request: Request
        var description: String { "not in the recording: \(request)" }
    }

    private let recording: Recording
    private let change: (Request, Answer) -> Answer
    private var index = 0
    /// How many answers were changed.
    private(set) var changes = 0

    init(_ recording: Recording, change: @escaping (Request, Answer) -> Answer = { $1 }) {
        self.recording = recording
        self.change = change
    }

    func perform(_ request: Request) throws -> Answer {
        if case .pause = request {
            if index < recording.passages.count, recording.passages[index].request == request { index += 1 }
            return .done
        }
        let passages = recording.passages
        let found: Answer
        if index < passages.count, passages[index].request == request {
            found = passages[index].answer
            index += 1
        } else if let before = passages[..<index].last(where: { $0.request == request }) {
            found = before.answer
        } else if let after = passages[index...].firstIndex(where: { $0.request == request }) {
            found = passages[after].answer
            index = after + 1
        } else {
            throw Diverged(request: request)
        }
        let changed = change(request, found)
        if changed != found { changes += 1 }
        return changed
    }
}

extension JSON {
    /// The same object with one member changed.
    func setting(_ name: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.name == name ? Member(name, value) : $0 })
    }

    /// The same value with every object in it changed.
    func everywhere(_ change: (JSON) -> JSON) -> JSON {
        switch self {
        case .object(let members):
            change(.object(members.map { Member($0.name, $0.value.everywhere(change)) }))
        case .array(let values): .array(values.map { $0.everywhere(change) })
        default: self
        }
    }
}
