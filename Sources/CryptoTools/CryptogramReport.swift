// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// An explained cryptogram as text and as JSON: what went into it, field by field, with places and lengths; never a key.
public struct CryptogramReport: Sendable {
    /// What is reported.
    public let explanation: CryptogramExplanation

    /// - Parameter explanation: of a transaction, by `CryptogramSpecification.explain`.
    public init(_ explanation: CryptogramExplanation) { self.explanation = explanation }

    /// One line a field, then the input, its padding and what the keys are derived with.
    public var lines: [String] {
        let specification = explanation.specification
        var lines = [
            "\(specification.name): master key option \(option), session key \(derivation), \(answer)",
            row("at", "bytes", "tag", "field", "value"),
        ]
        for part in explanation.parts {
            lines.append(
                row(
                    String(part.offset), String(part.bytes.count), tag(part), title(part), Hex.text(part.bytes)))
        }
        lines.append("input: \(explanation.input.count) bytes \(Hex.text(explanation.input))")
        let method = "ISO 9797-1 method \(specification.padding.rawValue)"
        lines.append("padding: \(method), \(explanation.fill.count) bytes \(Hex.text(explanation.fill))")
        lines.append("keys from: ATC \(counter), UN \(number)")
        if let issuer = explanation.issuerFields {
            lines.append(
                "issuer application data: DKI \(Hex.text([issuer.keyIndex])), CVN \(Hex.text([issuer.version])), "
                    + "CVR \(Hex.text(issuer.results))")
        }
        if let warning { lines.append(warning) }
        return lines
    }

    /// The same for programs.
    public var json: JSON {
        let parts = explanation.parts.map { part -> JSON in
            [
                "offset": .integer(Int64(part.offset)), "length": .integer(Int64(part.bytes.count)),
                "tag": .string(tag(part)), "field": .string(title(part)), "value": .string(Hex.text(part.bytes)),
            ]
        }
        var members: [JSON.Member] = [
            .init("version", .string(explanation.specification.name)), .init("masterKeyOption", .string(option)),
            .init("sessionKey", .string(derivation)), .init("response", .string(answer)),
            .init("parts", .array(parts)), .init("input", .string(Hex.text(explanation.input))),
            .init("paddingMethod", .integer(Int64(explanation.specification.padding.rawValue))),
            .init("padding", .string(Hex.text(explanation.fill))), .init("atc", .string(counter)),
            .init("un", .string(number)),
        ]
        if let issuer = explanation.issuerFields {
            members += [
                .init("dki", .string(Hex.text([issuer.keyIndex]))), .init("cvn", .string(Hex.text([issuer.version]))),
                .init("cvr", .string(Hex.text(issuer.results))),
            ]
        }
        if let warning { members.append(.init("warning", .string(warning))) }
        return .object(members)
    }

    // MARK: - Words

    private var warning: String? {
        guard let issuer = explanation.issuerFields else { return nil }
        if let stated = explanation.statedSpecification {
            return stated == explanation.specification ? nil : "the card states \(stated.name)"
        }
        return "the card states version \(Hex.text([issuer.version])), which is not known"
    }

    private var option: String { explanation.specification.masterKeyOption == .a ? "A" : "B" }
    private var counter: String { hexadecimal(UInt64(explanation.context.transactionCounter), count: 2) }
    private var number: String { hexadecimal(UInt64(explanation.context.unpredictableNumber), count: 4) }

    private var derivation: String {
        switch explanation.specification.sessionKey {
        case .none: "none (the card's key)"
        case .common: "EMV common"
        case .mastercard: "Mastercard SKD"
        case .tree(let tree): "EMV2000 tree, height \(tree.height), branch factor \(tree.branchFactor)"
        case .unionPay: "UnionPay"
        case .visaSecureMessaging: "Visa secure messaging"
        case .cryptogram: "EMV common with the application cryptogram"
        }
    }

    private var answer: String {
        switch explanation.specification.response {
        case .method1UnderMasterKey: "ARPC method 1 under the card's key"
        case .method1: "ARPC method 1"
        case .method2: "ARPC method 2"
        }
    }

    private func title(_ part: CryptogramExplanation.Part) -> String {
        switch part.portion {
        case .whole: part.field.title
        case .cardVerificationResults: part.field.title + " (CVR)"
        case .secondResult: part.field.title + " (CVR byte 2)"
        case .counters: part.field.title + " (counters)"
        }
    }

    private func tag(_ part: CryptogramExplanation.Part) -> String {
        part.field.tag.map { hexadecimal(UInt64($0), count: $0 > 0xFF ? 2 : 1) } ?? ""
    }

    private func hexadecimal(_ value: UInt64, count: Int) -> String {
        Hex.text((0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) })
    }

    private func row(_ columns: String...) -> String {
        let widths = [3, 6, 5, 47]
        var text = ""
        for (index, column) in columns.enumerated() {
            text += column
            guard index < widths.count else { continue }
            text += String(repeating: " ", count: max(1, widths[index] - column.count))
        }
        return text
    }
}
