// SPDX-License-Identifier: Apache-2.0
import ISO8583
import PaymentCryptography
import Vocabulary

/// Why a vector could not be worked through.
struct VectorProblem: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// One vector at work: reads its members, compares what it expects, and remembers what was looked at.
struct MessageVectorCheck {
    let json: JSON
    private(set) var failures: [String] = []
    private(set) var notes: [String] = []
    private(set) var hasCompared = false
    private var used = ["id", "op", "source", "description", "note", "verified", "derivedFrom", "pyiso8583", "message"]

    init(_ json: JSON) { self.json = json }

    mutating func fail(_ reason: String) { failures.append(reason) }
    mutating func note(_ reason: String) { notes.append(reason) }
    /// Names a member that is read or compared by other means.
    mutating func use(_ names: String...) { used += names }
    mutating func compared() { hasCompared = true }

    /// Notes what was not looked at; fails the vector when nothing was compared.
    mutating func finish() {
        if !hasCompared, failures.isEmpty { fail("nothing is expected") }
        for member in json.members ?? [] where !used.contains(member.name) { note("\(member.name) is not compared") }
    }

    // MARK: - Inputs

    func has(_ name: String) -> Bool { json[name] != nil }

    mutating func text(_ name: String) throws(VectorProblem) -> String {
        used.append(name)
        guard let text = json[name]?.string else { throw VectorProblem("\"\(name)\" is missing or no text") }
        return text
    }

    mutating func bytes(_ name: String) throws(VectorProblem) -> [UInt8] {
        guard let bytes = Hex.bytes(try text(name).filter { $0 != " " }) else {
            throw VectorProblem("\"\(name)\" is not hexadecimal")
        }
        return bytes
    }

    mutating func key(_ name: String, _ counts: [Int]) throws(VectorProblem) -> SecretKey {
        guard let key = SecretKey(hex: try text(name)), counts.contains(key.count) else {
            throw VectorProblem("\"\(name)\" is no key of \(counts) bytes in hexadecimal")
        }
        return key
    }

    mutating func pin(_ name: String) throws(VectorProblem) -> ClearPIN {
        let digits = try text(name)
        guard (4...ClearPIN.countMax).contains(digits.utf8.count) else {
            throw VectorProblem("\"\(name)\" is no PIN of 4 to 12 digits")
        }
        let ascii = SecretKey(count: digits.utf8.count) { $0.copyBytes(from: digits.utf8) }
        guard let pin = ClearPIN(digits: ascii) else { throw VectorProblem("\"\(name)\" is no PIN of 4 to 12 digits") }
        return pin
    }

    // MARK: - Comparisons

    mutating func expect(_ name: String, _ found: [UInt8]) { expect(name, text: Hex.text(found)) }

    /// Case does not count.
    mutating func expect(_ name: String, text found: String) {
        guard let expected = json[name] else { return }
        used.append(name)
        let same = expected.string.map { $0.uppercased() == found.uppercased() } ?? false
        compare(same, "\(name): expected \(expected.text), found \"\(found)\"")
    }

    mutating func expect(_ name: String, count found: Int?) {
        guard let expected = json[name] else { return }
        used.append(name)
        compare(
            expected.integer == found.map { Int64($0) },
            "\(name): expected \(expected.text), found \(found.map { "\($0)" } ?? "none")")
    }

    mutating func expect(_ name: String, key: borrowing SecretKey) {
        guard let expected = json[name] else { return }
        used.append(name)
        var same = false
        if let text = expected.string, let other = SecretKey(hex: text) { same = key.equals(other) }
        compare(same, "\(name): another key")
    }

    /// Something was compared; what was wrong with it where it was not the same.
    mutating func compare(_ same: Bool, _ reason: @autoclosure () -> String) {
        hasCompared = true
        if !same { failures.append(reason()) }
    }

    /// Runs a step of a library and turns its error into the vector's failure.
    func attempt<R: ~Copyable, E: Error>(_ step: () throws(E) -> R) throws(VectorProblem) -> R {
        do { return try step() } catch { throw VectorProblem("\(error)") }
    }
}
