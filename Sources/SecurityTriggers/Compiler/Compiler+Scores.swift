// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A feature of a score: a built-in one, or the instructions that find it and where it then is.
struct FeatureProgram: Sendable {
    var name: String
    var builtIn: RiskFeature?
    var code: Range<Int>
    var value: Operand
}

/// A score: a model's name, and the features that it is asked with.
final class ScoreProgram: Sendable {
    let name: String
    let model: String
    let features: [FeatureProgram]
    /// Some of them are built in.
    let asksForProfile: Bool
    /// They are the built-in ones, all of them and in order.
    let isOfProfile: Bool

    init(name: String, model: String, features: [FeatureProgram]) {
        (self.name, self.model, self.features) = (name, model, features)
        asksForProfile = features.contains { $0.builtIn != nil }
        isOfProfile = features.map(\.builtIn) == RiskFeature.allCases
    }
}

extension Compiler {
    /// The value of a feature as a double, computed where it is used.
    mutating func value(of feature: FeatureDeclaration) throws(RuleFileError) -> Operand {
        if isInFeature {
            throw RuleFileError(
                .type, at: feature.position, expected: "facts and velocities in a feature", found: "`\(feature.name)`",
                hint: "a feature is not made of other features")
        }
        isInFeature = true
        defer { isInFeature = false }
        let (mark, figures) = (registers, figures)
        let expression = feature.expression
        var value: Operand
        switch naturalType(expression) ?? defaultType(expression) {
        case .double: value = try operand(expression, .double)
        case .number:
            let number = try operand(expression, .number)
            value = try converted(number, .convert, .doubleOfInt, mark, expression.position)
        case .truth:
            try test(expression)
            value = try converted(.none, .truthToDouble, .same, mark, expression.position)
        case let type:
            throw RuleFileError(
                .type, at: expression.position, expected: "a number, with decimals or whole, or a condition",
                found: type.name, hint: "divide an amount by an amount, such as amount / 1.00 EUR, and a duration by 1d"
            )
        }
        if let missing = feature.missing {
            let constant = try constant(FigureValue(double: missing), feature.position)
            code.append(Instruction(operation: .orElse, register: mark, left: value, right: constant))
            value = try take(mark, feature.position)
        }
        // What a feature looks at is no figure of the rule that names it.
        self.figures = figures
        return value
    }

    private mutating func converted(
        _ value: Operand, _ operation: Instruction.Operation, _ conversion: Conversion, _ mark: UInt8,
        _ position: SourcePosition
    ) throws(RuleFileError) -> Operand {
        code.append(
            Instruction(operation: operation, register: mark, left: value, target: conversion.rawValue))
        return try take(mark, position)
    }

    /// Checks a feature that nothing may name, and one that a score names.
    mutating func check(_ feature: FeatureDeclaration) throws(RuleFileError) {
        (registers, isNegated) = (0, false)
        _ = try value(of: feature)
    }

    mutating func compile(_ score: ScoreDeclaration) throws(RuleFileError) {
        readsPINOrStatus = false
        var features: [FeatureProgram] = []
        for (name, position) in score.features {
            guard !features.contains(where: { $0.name == name }) else {
                throw RuleFileError(.nameTaken, at: position, expected: "each feature once", found: "`\(name)`")
            }
            guard features.count < RuleSet.limits.features else {
                throw RuleFileError(
                    .limit, at: position, expected: "at most \(RuleSet.limits.features) features", found: "one more")
            }
            // What a file declares hides what is built in, so that a name that is built in later changes no file.
            guard let feature = file.features.first(where: { $0.name == name }) else {
                features.append(try builtIn(name, position))
                continue
            }
            (registers, isNegated) = (0, false)
            let start = code.count
            let value = try value(of: feature)
            features.append(FeatureProgram(name: name, builtIn: nil, code: start..<code.count, value: value))
        }
        scores.append(ScoreProgram(name: score.name, model: score.model, features: features))
        scoreReadsPIN.append(readsPINOrStatus)
    }

    private func builtIn(_ name: String, _ position: SourcePosition) throws(RuleFileError) -> FeatureProgram {
        guard let builtIn = RiskFeature(name: name) else {
            throw RuleFileError(
                .unknownName, at: position, expected: "the name of a feature", found: "`\(name)`",
                hint: Spelling.hint(for: name, among: file.features.map(\.name) + RiskFeature.names))
        }
        return FeatureProgram(name: name, builtIn: builtIn, code: 0..<0, value: .none)
    }
}
