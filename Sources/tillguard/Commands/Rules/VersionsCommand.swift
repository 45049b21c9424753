// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import SecurityTriggers
import Vocabulary

/// What has versions with a life in a running server, as the console's interface has it.
protocol VersionBook {
    static var command: String { get }
    static var path: String { get }
    /// One of them in a sentence.
    static var noun: String { get }
    static var proposal: any ParsableCommand.Type { get }
}

enum RuleVersions: VersionBook {
    static let (command, path, noun) = ("versions", "/api/rules", "rule set")
    static var proposal: any ParsableCommand.Type { ProposeRules.self }
}

enum ModelVersions: VersionBook {
    static let (command, path, noun) = ("models", "/api/models", "model")
    static var proposal: any ParsableCommand.Type { ProposeModel.self }
}

/// The life of a server's rule sets or models: what is proposed by one person is approved by another, watched or put in force.
struct VersionsCommand<Book: VersionBook>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let steps: [any ParsableCommand.Type] = [
            Step<Book, Steps.Shadow>.self, Step<Book, Steps.Approve>.self, Step<Book, Steps.Activate>.self,
            Step<Book, Steps.RollBack>.self, Step<Book, Steps.Withdraw>.self,
        ]
        return CommandConfiguration(
            commandName: Book.command, abstract: "Change which \(Book.noun) a running server has in force.",
            discussion: """
                Each step is a record in the journal, in an analyst's name, and is durable when the command returns. \
                Who proposed a version cannot approve it.
                """,
            subcommands: [Status<Book>.self, Book.proposal] + steps)
    }
}

/// A step in a version's life: the last part of its path.
protocol VersionStep {
    static var name: String { get }
    static var abstract: String { get }
}

/// The steps that there are.
private enum Steps {
    struct Shadow: VersionStep {
        static let (name, abstract) = ("shadow", "Have it judge beside the one in force, without effect.")
    }
    struct Approve: VersionStep {
        static let (name, abstract) = ("approve", "Approve what another analyst proposed.")
    }
    struct Activate: VersionStep {
        static let (name, abstract) = ("activate", "Put an approved one in force.")
    }
    struct RollBack: VersionStep {
        static let name = "rollback"
        static let abstract = "Ask for one that was in force before; a second analyst who does so puts it in force."
    }
    struct Withdraw: VersionStep {
        static let (name, abstract) = ("withdraw", "Take back what waits.")
    }
}

private struct Step<Book: VersionBook, Verb: VersionStep>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Verb.name, abstract: Verb.abstract)
    }
    @OptionGroup var console: ConsoleVisit.Options
    @Argument(help: "The version's number, as `status` has it.") var number: UInt32

    func run() throws {
        var visit = try console.visit()
        func steps(_ answer: JSON) -> Int? {
            versions(in: answer).first { $0["version"]?.integer == Int64(number) }?["steps"]?.array?.count
        }
        let before = steps(try visit.get(Book.path)) ?? 0
        try visit.post("\(Book.path)/\(number)/\(Verb.name)", [:])
        // Pages follow the journal, and an old version is perhaps on none.
        let answer = try seen(&visit, Book.path) { steps($0).map { $0 > before } ?? true }
        Status<Book>.show(answer, only: number)
    }
}

private struct Status<Book: VersionBook>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: "Say which \(Book.noun)s are in force, wait, are watched, or were so lately.")
    }
    @OptionGroup var console: ConsoleVisit.Options
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        var visit = try console.visit()
        let answer = try visit.get(Book.path)
        guard !json else { return print(answer.text) }
        if versions(in: answer).isEmpty { print("no \(Book.noun)") } else { Self.show(answer) }
    }

    /// A line for each version: number, name where it has one, state, and the steps it took.
    static func show(_ answer: JSON, only number: UInt32? = nil) {
        for version in versions(in: answer) {
            guard let found = version["version"]?.integer, number.map({ Int64($0) == found }) ?? true else { continue }
            let name = version["name"]?.string.map { " \($0)" } ?? ""
            let watched = version["watched"]?.bool == true ? ", watched" : ""
            let steps = (version["steps"]?.array ?? []).map { step in
                [step["kind"], step["by"], step["at"]].map { $0?.string ?? "-" }.joined(separator: " ")
            }
            let state = version["state"]?.string ?? "-"
            print((["\(found)\(name): \(state)\(watched)"] + steps).joined(separator: "; "))
        }
    }
}

private struct ProposeRules: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propose", abstract: "Propose a rule file, which another analyst may approve.")
    @OptionGroup var console: ConsoleVisit.Options
    @Argument(help: "The rule file.") var file: String

    func run() throws {
        // Read here first, so that a mistake is named with the file and all others.
        let (text, _) = try RuleFiles.read(file)
        var visit = try console.visit()
        try visit.post(RuleVersions.path, ["text": .string(text)])
        let wanted = text.replacing("\r\n", with: "\n")
        try showProposal(RuleVersions.self, &visit) { $0["text"]?.string == wanted }
    }
}

private struct ProposeModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propose", abstract: "Propose a model's file, which another analyst may approve.")
    @OptionGroup var console: ConsoleVisit.Options
    @Option(help: "The name that scores have for it.") var name: String
    @Option(help: "How its features are spread in training: what `tillguard rules train` writes beside it.")
    var drift: String?
    @Argument(help: "The model's file.") var file: String

    func run() throws {
        func text(_ path: String) throws -> String {
            guard let data = FileManager.default.contents(atPath: path),
                let text = String(bytes: data, encoding: .utf8)
            else { throw ValidationError("\(path) cannot be read, or is no text in UTF-8") }
            return text
        }
        let model = try text(file)
        let fields: JSON = [
            "name": .string(name), "text": .string(model), "drift": .string(try drift.map(text) ?? ""),
        ]
        var visit = try console.visit()
        try visit.post(ModelVersions.path, fields)
        let digest = Hex.text(SHA256.hash(Array(model.replacing("\r\n", with: "\n").utf8)))
        try showProposal(ModelVersions.self, &visit) { $0["name"]?.string == name && $0["sha256"]?.string == digest }
    }
}

private func versions(in answer: JSON) -> [JSON] { (answer["rules"] ?? answer["models"])?.array ?? [] }

/// What the console shows once it shows something; what it shows in the end where it never does. Every look takes the console a
/// moment, in which it goes on.
private func seen(_ visit: inout ConsoleVisit, _ path: String, _ isThere: (JSON) -> Bool) throws -> JSON {
    var answer = try visit.get(path)
    for _ in 0..<200 where !isThere(answer) { answer = try visit.get(path) }
    return answer
}

/// Shows the version that was just proposed: of those that wait and are it, the one with the highest number.
private func showProposal<Book: VersionBook>(
    _ book: Book.Type, _ visit: inout ConsoleVisit, _ isIt: (JSON) -> Bool
) throws {
    func number(_ answer: JSON) -> Int64? {
        versions(in: answer).filter { $0["state"]?.string == "proposed" && isIt($0) }
            .compactMap { $0["version"]?.integer }.max()
    }
    let answer = try seen(&visit, Book.path) { number($0) != nil }
    guard let number = number(answer).flatMap({ UInt32(exactly: $0) }) else {
        return print("proposed; the console does not show it yet")
    }
    Status<Book>.show(answer, only: number)
}
