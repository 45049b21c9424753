// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import Vocabulary

/// How a calculator prints its answer.
struct CryptoOutput: ParsableArguments {
    @Flag(help: "Print the answer as JSON, on one line.")
    var json = false
}

/// What a calculator found, for people and for programs.
struct CryptoAnswer {
    private struct Line {
        var name: String
        var label: String
        var value: JSON
        var text: String
    }

    private var lines: [Line] = []
    /// For people only: lines that a table cannot hold.
    var appendix: [String] = []
    /// Whether something was verified and is not so.
    private(set) var isRefused = false

    /// - Parameter name: of the member in JSON.
    /// - Parameter label: for people.
    /// - Parameter text: for people; the value itself when nil.
    mutating func add(_ name: String, _ label: String, _ value: JSON, text: String? = nil) {
        let plain = text ?? value.string ?? value.text
        lines.append(Line(name: name, label: label, value: value, text: plain))
    }

    mutating func add(_ name: String, _ label: String, _ text: String) { add(name, label, .string(text)) }

    mutating func add(_ name: String, _ label: String, hex bytes: [UInt8]) {
        add(name, label, .string(Hex.text(bytes)))
    }

    mutating func add(_ name: String, _ label: String, digits: [UInt8]) {
        add(name, label, .string(digits.map { String($0) }.joined()))
    }

    mutating func add(_ name: String, _ label: String, count: Int) { add(name, label, .integer(Int64(count))) }

    mutating func add(_ name: String, _ label: String, flag: Bool) {
        add(name, label, .bool(flag), text: flag ? "yes" : "no")
    }

    /// Rows under one name: an array in JSON, one line each for people.
    mutating func add(_ name: String, rows: [(label: String, text: String, value: JSON)]) {
        for row in rows { lines.append(Line(name: "", label: row.label, value: .null, text: row.text)) }
        lines.append(Line(name: name, label: "", value: .array(rows.map(\.value)), text: ""))
    }

    /// Rows under one name: an object in JSON, one line each for people.
    mutating func add(_ name: String, members: [JSON.Member], rows: [(label: String, text: String)]) {
        for row in rows { lines.append(Line(name: "", label: row.label, value: .null, text: row.text)) }
        lines.append(Line(name: name, label: "", value: .object(members), text: ""))
    }

    /// Whether what was given is right; if not, the command ends with 1.
    mutating func add(_ name: String = "verified", verified: Bool, else reason: String) {
        add(name, name, .bool(verified), text: verified ? "yes" : "NO: \(reason)")
        if !verified { isRefused = true }
    }

    /// What somebody who uses such a key ought to know.
    mutating func add(notes: [String]) {
        guard !notes.isEmpty else { return }
        add("notes", rows: notes.map { ("note", $0, .string($0)) })
    }

    var json: JSON {
        .object(lines.filter { !$0.name.isEmpty }.map { JSON.Member($0.name, $0.value) })
    }

    var plain: [String] {
        let shown = lines.filter { !$0.label.isEmpty }
        let width = (shown.map(\.label.count).max() ?? 0) + 2
        return shown.map { $0.label.padding(toLength: width, withPad: " ", startingAt: 0) + $0.text } + appendix
    }
}

/// A command that computes one answer, prints it, and ends with 1 when what it verified is not so.
protocol CryptoCalculator: ParsableCommand {
    var output: CryptoOutput { get }
    func answer() throws -> CryptoAnswer
}

extension CryptoCalculator {
    func run() throws {
        let answer: CryptoAnswer
        do {
            answer = try self.answer()
        } catch {
            throw CryptoWords.restated(error)
        }
        let lines = output.json ? [answer.json.text] : answer.plain
        LineWriter.output.write(lines.map { $0 + "\n" }.joined())
        if answer.isRefused { throw ExitCode(1) }
    }
}
