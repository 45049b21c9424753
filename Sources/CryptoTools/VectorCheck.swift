// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Why a vector could not be worked through.
struct VectorFailure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// One vector at work: reads its inputs, compares what it expects, and remembers what was compared.
struct VectorCheck {
    private let json: JSON
    private(set) var failures: [String] = []
    private var compared: [String] = []

    init(_ json: JSON) { self.json = json }

    mutating func fail(_ reason: String) { failures.append(reason) }

    /// Fails the vector for each expected value that was not compared, and when it expects none at all.
    mutating func finish() {
        let expected = json["expected"]?.members ?? []
        if expected.isEmpty { fail("nothing is expected") }
        for member in expected where !compared.contains(member.name) {
            fail("expected \"\(member.name)\" is not computed by this operation")
        }
    }

    // MARK: Inputs

    func has(_ name: String) -> Bool { json["inputs"]?[name] != nil }
    func expects(_ name: String) -> Bool { json["expected"]?[name] != nil }
    func input(_ name: String) -> JSON? { json["inputs"]?[name] }

    func text(_ name: String) throws(VectorFailure) -> String {
        guard let text = json["inputs"]?[name]?.string else { throw VectorFailure("input \"\(name)\" is missing") }
        return text
    }

    func bytes(_ name: String) throws(VectorFailure) -> [UInt8] {
        guard let bytes = Hex.bytes(try text(name)) else { throw VectorFailure("input \"\(name)\" is not hexadecimal") }
        return bytes
    }

    func key(_ name: String) throws(VectorFailure) -> SecretKey { try key(hex: try text(name), name) }

    func key(hex: String, _ name: String) throws(VectorFailure) -> SecretKey {
        guard let key = SecretKey(hex: hex) else { throw VectorFailure("input \"\(name)\" is no key in hexadecimal") }
        return key
    }

    func integer(_ name: String) throws(VectorFailure) -> Int {
        if let value = json["inputs"]?[name]?.integer { return Int(clamping: value) }
        guard let value = Int(try text(name)) else { throw VectorFailure("input \"\(name)\" is no number") }
        return value
    }

    func word(_ name: String) throws(VectorFailure) -> UInt64 {
        guard let word = UInt64(try text(name), radix: 16) else {
            throw VectorFailure("input \"\(name)\" is no hexadecimal word")
        }
        return word
    }

    func pan(_ name: String = "pan") throws(VectorFailure) -> PANDigits {
        guard let pan = PANDigits(try text(name)) else { throw VectorFailure("input \"\(name)\" is no PAN") }
        return pan
    }

    func pin(_ name: String = "pin") throws(VectorFailure) -> ClearPIN { try pin(digits: try text(name), name) }

    func pin(digits: String, _ name: String) throws(VectorFailure) -> ClearPIN {
        guard !digits.isEmpty, digits.utf8.count <= ClearPIN.countMax else {
            throw VectorFailure("\"\(name)\" is no PIN of 4 to 12 digits")
        }
        let ascii = SecretKey(count: digits.utf8.count) { $0.copyBytes(from: digits.utf8) }
        return try unwrap(ClearPIN(digits: ascii), "\"\(name)\" is no PIN of 4 to 12 digits")
    }

    /// `name` in hexadecimal or `name_ascii` as it stands.
    func message(_ name: String = "message") throws(VectorFailure) -> [UInt8] {
        if let text = json["inputs"]?[name + "_ascii"]?.string { return Array(text.utf8) }
        return try bytes(name)
    }

    func padding() throws(VectorFailure) -> MACPadding {
        guard let padding = MACPadding(rawValue: try integer("padding")) else {
            throw VectorFailure("no padding method of ISO 9797-1")
        }
        return padding
    }

    // MARK: Expectations

    func expected(_ name: String) throws(VectorFailure) -> String {
        guard let text = json["expected"]?[name]?.string else { throw VectorFailure("expected \"\(name)\" is missing") }
        return text
    }

    /// The bytes that an expected value in hexadecimal has.
    func expectedCount(_ name: String) throws(VectorFailure) -> Int { try expected(name).utf8.count / 2 }

    /// The names of what is expected.
    var expectedNames: [String] { (json["expected"]?.members ?? []).map(\.name) }

    /// Compares a code with its first bytes, as many as are expected, but no fewer than `countMin`.
    mutating func expect(_ name: String, truncated code: [UInt8], countMin: Int = 4) {
        let count = (json["expected"]?[name]?.string?.utf8.count ?? 0) / 2
        expect(name, count >= countMin && count < code.count ? Array(code.prefix(count)) : code)
    }

    /// Compares public bytes; both go into the reason.
    mutating func expect(_ name: String, _ value: [UInt8]) { expect(name, .string(Hex.text(value))) }

    mutating func expect(_ name: String, text: String) { expect(name, .string(text)) }

    mutating func expect(_ name: String, _ value: JSON) {
        guard let expected = json["expected"]?[name] else { return }
        compared.append(name)
        let same: Bool
        if let text = value.string, let other = expected.string {
            same = text.uppercased() == other.uppercased()
        } else {
            same = value == expected
        }
        if !same { fail("\(name): expected \(expected.text), got \(value.text)") }
    }

    /// Compares secret bytes; the reason names them only.
    mutating func expect(_ name: String, key: borrowing SecretKey) {
        guard let expected = json["expected"]?[name] else { return }
        compared.append(name)
        guard let hex = expected.string, let other = SecretKey(hex: hex), key.equals(other) else {
            return fail("\(name): another value")
        }
    }

    mutating func expect(_ name: String, pin: borrowing ClearPIN) throws(VectorFailure) {
        guard expects(name) else { return }
        compared.append(name)
        let other = try self.pin(digits: try expected(name), name)
        if !pin.equals(other) { fail("\(name): another PIN") }
    }

    /// Fails with a reason unless the condition holds.
    mutating func require(_ condition: Bool, _ reason: String) {
        if !condition { fail(reason) }
    }

    /// Runs a step of the library and turns its error into the vector's failure.
    func attempt<R: ~Copyable, E: Error>(_ step: () throws(E) -> R) throws(VectorFailure) -> R {
        do { return try step() } catch { throw VectorFailure("\(error)") }
    }

    /// The value, or a failure of the vector.
    func unwrap<R: ~Copyable>(_ value: consuming R?, _ reason: String) throws(VectorFailure) -> R {
        guard let value else { throw VectorFailure(reason) }
        return value
    }
}
