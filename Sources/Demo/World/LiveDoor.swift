// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// The texts that have come back over the sockets, for the row that looks back on them.
final class Seen {
    private(set) var texts: [String] = []
    func add(_ text: String) { texts.append(text) }
}

/// The door to a running server: its sockets, its lines, its files.
final class LiveDoor: Door {
    private let server: ServerProcess
    private let everyServer: () -> [ServerProcess]
    private let seen: Seen
    private let checkTime: () throws -> Void
    private var bench: Socket?

    /// Files larger than this are no part of a demo's data.
    private static let fileBytesMax = 256 * 1_024 * 1_024

    /// - Parameters:
    ///   - everyServer: all of the run, for the row that looks at every file.
    ///   - checkTime: throws once the run is over its time.
    init(
        _ server: ServerProcess, seen: Seen, everyServer: @escaping () -> [ServerProcess],
        checkTime: @escaping () throws -> Void
    ) {
        self.server = server
        self.seen = seen
        self.everyServer = everyServer
        self.checkTime = checkTime
    }

    func perform(_ request: Request) throws -> Answer {
        try checkTime()
        switch request {
        case .bench(let json): return .json(try ask(json))
        case .web(let request): return .web(try browse(request))
        case .host(let message): return .message(try exchange(message))
        case .lines: return .lines(server.lines)
        case .files: return .files(Self.files(of: server))
        case .allFiles: return .files(everyServer().flatMap(Self.files))
        case .seen:
            let lines = everyServer().flatMap(\.lines).filter { $0["event"]?.string != "started" }
            return .texts(seen.texts + lines.map(\.text))
        case .replaceRules(let text):
            try Data(text.utf8).write(to: URL(filePath: server.rules), options: .atomic)
            return .done
        case .pause(let count):
            Pause.milliseconds(count)
            return .done
        }
    }

    private func ask(_ json: JSON) throws -> JSON {
        let socket = try bench ?? Socket(path: server.data + "/terminals.sock")
        bench = socket
        try socket.send(Array((json.text + "\n").utf8))
        let line = try socket.line()
        seen.add(String(decoding: line, as: UTF8.self))
        guard let answer = try? JSON(parsing: line) else { throw DemoError.noAnswer("the bench") }
        return answer
    }

    private func browse(_ request: WebRequest) throws -> WebAnswer {
        let socket = try Socket(port: server.consolePort)
        try socket.send(request.bytes(host: "127.0.0.1:\(server.consolePort)"))
        guard let answer = WebAnswer(try socket.rest()) else {
            throw DemoError.noAnswer("the console, \(request.path)")
        }
        seen.add(answer.body)
        return answer
    }

    /// One frame there and one back: two length bytes, big-endian.
    private func exchange(_ message: [UInt8]) throws -> [UInt8]? {
        let socket = try Socket(port: server.port)
        try socket.send([UInt8(message.count >> 8), UInt8(message.count & 255)] + message)
        guard let length = try socket.bytes(2) else { return nil }
        let answer = try socket.bytes(Int(length[0]) << 8 | Int(length[1]))
        if let answer { seen.add(String(decoding: answer, as: UTF8.self)) }
        return answer
    }

    private static func files(of server: ServerProcess) -> [DataFile] {
        guard let walk = FileManager.default.enumerator(atPath: server.folder) else { return [] }
        var files: [DataFile] = []
        while let name = walk.nextObject() as? String {
            let path = server.folder + "/" + name
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard attributes?[.type] as? FileAttributeType == .typeRegular,
                let size = attributes?[.size] as? Int, size <= fileBytesMax,
                let bytes = FileManager.default.contents(atPath: path)
            else { continue }
            files.append(DataFile(name: "\(server.name)/\(name)", bytes: Array(bytes)))
        }
        return files.sorted { $0.name < $1.name }
    }
}
