// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue
import Estate
import Foundation
import ModuleProtocol
import ModuleServer
import SecurityModule
import Vocabulary

extension AuditCommand {
    /// Writes what a host has collected of a terminal's module.
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the audit logs that the host has collected from a terminal's module.",
            discussion: """
                One file for each module and epoch, named TERMINAL-SERIAL-EPOCH.tgal. With --verify the host's module \
                verifies every stretch once more, by what the estate knew when it came; exit 1 if it says otherwise \
                than it did then, and where it found a log broken.

                JSON: terminal, identityKey, attested (index, digest), files (file, serial, epoch, segments, records, \
                first, last), broken (at, finding, index), verified (null without --verify).
                """)
        @Option(help: "The data directory; its server may be running.") var data = "data"
        @Option(help: "The directory to write to.") var out = "."
        @Flag(help: "Have the host's module verify the logs again.") var verify = false
        @Flag(help: "Print the answer as JSON.") var json = false
        @Argument(help: "Terminal identification, such as TILL0001.") var terminal: String

        func run() throws {
            guard let id = TerminalID(terminal) else { throw ValidationError("\(terminal) is no terminal number") }
            guard FileManager.default.fileExists(atPath: data + "/journal.db") else {
                throw DeploymentError.refused("\(data) has no journal")
            }
            guard let audit = try CollectedAudit(of: id, inJournalOf: data) else {
                throw DeploymentError.refused("the estate has no terminal \(id)")
            }
            let contradictions = verify ? try audit.contradictions(module()) : []
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
            var files: [JSON] = []
            for file in try audit.files() {
                let name = "\(id)-\(String(file.identity.serial, radix: 16))-\(file.identity.epoch).tgal"
                try Data(file.encoded()).write(to: URL(filePath: out + "/" + name), options: .atomic)
                files.append(Self.row(name, file))
            }
            let broken = audit.taken.compactMap { part -> JSON? in
                guard case .broken(let finding, at: let index) = part.log.outcome else { return nil }
                return [
                    "at": .string(part.at.iso8601), "finding": .string("\(finding)"),
                    "index": .integer(Int64(index)),
                ]
            }
            let answer: JSON = [
                "terminal": .string(id.description), "identityKey": .string(Hex.text(audit.identityKey)),
                "attested": audit.attested.map {
                    ["index": .integer(Int64($0.index)), "digest": .string(Hex.text($0.digest))]
                } ?? .null,
                "files": .array(files), "broken": .array(broken),
                "verified": verify ? .bool(contradictions.isEmpty) : .null,
            ]
            print(json ? answer.text : Self.text(answer))
            if !contradictions.isEmpty || !broken.isEmpty { throw ExitCode(1) }
        }

        /// The module that serves these keys, or, where none does, one that opens them.
        private func module() throws -> any HostModulePort {
            let socket = HousedModule.socket(in: data)
            if (try? ModuleMonitor(at: socket).status()) != nil { return RemoteHostModule(at: socket) }
            return try HostKeys.open(in: data).module
        }

        private static func row(_ name: String, _ file: AuditFile) -> JSON {
            let numbers = file.segments.flatMap { $0.entries.map(\.record.index) }
            func number(_ index: UInt32?) -> JSON { index.map { .integer(Int64($0)) } ?? .null }
            return [
                "file": .string(name), "serial": .string(String(file.identity.serial, radix: 16)),
                "epoch": .integer(Int64(file.identity.epoch)), "segments": .integer(Int64(file.segments.count)),
                "records": .integer(Int64(Set(numbers).count)), "first": number(numbers.min()),
                "last": number(numbers.max()),
            ]
        }

        private static func text(_ answer: JSON) -> String {
            var lines = (answer["files"]?.array ?? []).map { file in
                func value(_ name: String) -> String { file[name]?.string ?? file[name]?.text ?? "" }
                return "\(value("file"))  epoch \(value("epoch")), records \(value("first")) to \(value("last")) in "
                    + "\(value("segments")) stretches"
            }
            if lines.isEmpty { lines = ["nothing has been collected yet"] }
            for part in answer["broken"]?.array ?? [] {
                lines.append(
                    "broken: \(part["finding"]?.string ?? "") at record \(part["index"]?.text ?? ""), "
                        + "received \(part["at"]?.string ?? "")")
            }
            switch answer["verified"]?.bool {
            case true?: lines.append("the host's module has verified every stretch again")
            case false?: lines.append("the host's module says now otherwise than it did when they came")
            case nil: break
            }
            lines.append("identity key    \(answer["identityKey"]?.string ?? "")")
            return lines.joined(separator: "\n")
        }
    }

    /// Prints the records of a log.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the records of a collected audit log. It verifies nothing.")
        @Flag(help: "Print a JSON object a line.") var json = false
        @Argument(help: "The file of the collected log.") var file: String

        func run() throws {
            for segment in try AuditCommand.read(file).segments {
                for entry in segment.entries { print(json ? Self.object(entry).text : Self.line(entry)) }
            }
        }

        private static func line(_ entry: AuditEntry) -> String {
            let record = entry.record
            let parts = [
                "\(record.index)", record.at.iso8601, "\(record.event)", record.warning?.rawValue ?? "",
                "by \(record.actor)", record.detail == 0 ? "" : "detail \(record.detail)", "boot \(record.boot)",
                record.unlogged == 0 ? "" : "\(record.unlogged) unlogged before",
                entry.code.isEmpty ? "unproved" : "",
            ]
            return parts.filter { !$0.isEmpty }.joined(separator: "  ")
        }

        private static func object(_ entry: AuditEntry) -> JSON {
            let record = entry.record
            return [
                "index": .integer(Int64(record.index)), "at": .string(record.at.iso8601),
                "event": .string("\(record.event)"),
                "warning": record.warning.map { .string($0.rawValue) } ?? .null, "actor": .string("\(record.actor)"),
                "detail": .integer(Int64(record.detail)), "boot": .integer(Int64(record.boot)),
                "eventCounter": .integer(Int64(record.eventCounter)), "unlogged": .integer(Int64(record.unlogged)),
                "proved": .bool(!entry.code.isEmpty),
            ]
        }
    }
}
