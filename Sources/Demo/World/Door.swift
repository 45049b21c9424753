// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Everything a row can ask of the world outside. A row sees nothing but the answers, so a test that changes one answer
/// shows what the row really looks at.
enum Request: Equatable, Sendable {
    /// One line for the bench socket.
    case bench(JSON)
    /// One request to the console.
    case web(WebRequest)
    /// One message to the port of the terminals, on a connection of its own.
    case host([UInt8])
    /// What the server has printed so far.
    case lines
    /// The server's data directory, file by file.
    case files
    /// The data directories and logs of every server of the run.
    case allFiles
    /// The text of everything that has come back over the sockets in the whole run.
    case seen
    /// Puts another text into the rule file that the server watches.
    case replaceRules(String)
    /// Time for the server to work.
    case pause(milliseconds: Int)
}

/// What came back.
enum Answer: Equatable, Sendable {
    case json(JSON)
    case web(WebAnswer)
    /// Nil: the connection was closed without an answer.
    case message([UInt8]?)
    case lines([JSON])
    case files([DataFile])
    case texts([String])
    case done
}

/// A file of a data directory, with the name of its server before its path.
struct DataFile: Equatable, Sendable {
    var name: String
    var bytes: [UInt8]
}

/// The one way out of a row.
protocol Door: AnyObject {
    func perform(_ request: Request) throws -> Answer
}

/// What went wrong outside of the rows.
enum DemoError: Error, CustomStringConvertible {
    case noServer(String)
    case socket(String)
    case noAnswer(String)
    case outOfTime(seconds: Int)

    var description: String {
        switch self {
        case .noServer(let what): "the server did not start: \(what)"
        case .socket(let what): "a socket failed: \(what)"
        case .noAnswer(let what): "no answer that can be read: \(what)"
        case .outOfTime(let seconds): "the run took longer than \(seconds) s"
        }
    }
}
