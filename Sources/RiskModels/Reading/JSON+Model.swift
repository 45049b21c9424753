// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What readers of models ask of JSON, in their errors.
extension JSON {
    init(model text: [UInt8]) throws(RiskModelError) {
        do { self = try JSON(parsing: text) } catch { throw RiskModelError(.malformed, "JSON") }
    }

    func member(_ name: String, tree: Int? = nil) throws(RiskModelError) -> JSON {
        guard let value = self[name] else { throw RiskModelError(.missing, name, tree: tree) }
        return value
    }

    /// A finite number, written as an integer or not.
    func real(_ field: String, tree: Int? = nil) throws(RiskModelError) -> Double {
        switch self {
        case .integer(let value): return Double(value)
        case .double(let value): return value
        default: throw RiskModelError(.malformed, field, tree: tree)
        }
    }

    func strings(_ field: String) throws(RiskModelError) -> [String] {
        guard let array else { throw RiskModelError(.malformed, field) }
        return try array.map { (value) throws(RiskModelError) in
            guard let text = value.string else { throw RiskModelError(.malformed, field) }
            return text
        }
    }

    func reals(_ field: String, tree: Int) throws(RiskModelError) -> [Double] {
        guard let array else { throw RiskModelError(.malformed, field, tree: tree) }
        return try array.map { (value) throws(RiskModelError) in try value.real(field, tree: tree) }
    }

    /// Integers; truths count as 0 and 1.
    func integers(_ field: String, tree: Int) throws(RiskModelError) -> [Int] {
        guard let array else { throw RiskModelError(.malformed, field, tree: tree) }
        return try array.map { (value) throws(RiskModelError) in
            switch value {
            case .integer(let number): return Int(number)
            case .bool(let truth): return truth ? 1 : 0
            default: throw RiskModelError(.malformed, field, tree: tree)
            }
        }
    }
}
