// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Checks names, types and policies of a rule file and turns it into flat programs.
struct Compiler {
    var file: RuleFile
    /// Rules by id, so that the order in the file means nothing, not even to an index.
    var rules: [RuleDeclaration]
    var code: [Instruction] = []
    var constants: [FigureValue] = []
    /// Never iterated; only finds a constant again.
    private var constantIndices: [FigureValue: UInt16] = [:]
    var filters: [FilterInstruction] = []
    var bounds: [UInt64] = []
    var lists: [Range<Int>] = []
    var listTypes: [ValueType] = []
    var velocities: [VelocityProgram] = []
    /// Per velocity: its value's type, and whether it looks at PINs.
    var velocityTypes: [ValueType] = []
    var velocityReadsPIN: [Bool] = []
    // Of the rule in hand:
    var figures: [FigureSource] = []
    var readsPINOrStatus = false
    var isNegated = false
    var registers: UInt8 = 0

    static func program(of file: RuleFile) throws(RuleFileError) -> RuleProgram {
        var compiler = Compiler(file: file, rules: file.rules.sorted { $0.id < $1.id })
        return try compiler.run()
    }

    private init(file: RuleFile, rules: [RuleDeclaration]) {
        self.file = file
        self.rules = rules
    }

    private mutating func run() throws(RuleFileError) -> RuleProgram {
        try refuseTwins(file.lists.map { ($0.name, $0.position) }, "list")
        try refuseTwins(file.velocities.map { ($0.name, $0.position) }, "velocity")
        try refuseTwins(file.rules.map { ($0.id, $0.position) }, "rule")
        for list in file.lists {
            listTypes.append(list.type)
            lists.append(try spans(of: list.elements, type: list.type))
        }
        velocityTypes = file.velocities.map(\.type)
        for velocity in file.velocities { try compile(velocity) }
        var heads: [RuleHead] = []
        var details: [RuleDetail] = []
        try refuseUnprovable()
        for rule in rules {
            let (head, detail) = try compile(rule)
            heads.append(head)
            details.append(detail)
        }
        return RuleProgram(
            heads: heads, details: details, code: code, constants: constants, velocities: velocities,
            velocityNames: file.velocities.map(\.name), filters: filters, bounds: bounds, lists: lists)
    }

    private mutating func compile(_ rule: RuleDeclaration) throws(RuleFileError) -> (RuleHead, RuleDetail) {
        figures = []
        (readsPINOrStatus, isNegated) = (false, false)
        let start = code.count
        try condition(rule.condition)
        let range = start..<code.count
        if let position = rule.noticePosition, readsPINOrStatus {
            throw RuleFileError(
                .policy, at: position, expected: "`then`", found: "`unless`",
                hint: "a notice never lifts a rule about the card's status or its PIN")
        }
        var texts: [RuleText] = []
        for text in rule.texts { texts.append(try compile(text)) }
        return (
            RuleHead(code: range, isShadow: rule.isShadow, isLiftable: rule.noticePosition != nil),
            RuleDetail(id: rule.id, consequence: rule.consequence, figures: figures, texts: texts)
        )
    }

    /// Every mistake of a file's declarations, the first of each.
    static func errors(of file: RuleFile) -> [RuleFileError] {
        var compiler = Compiler(file: file, rules: file.rules.sorted { $0.id < $1.id })
        return compiler.errors()
    }

    private mutating func errors() -> [RuleFileError] {
        var errors: [RuleFileError] = []
        func note(_ body: () throws(RuleFileError) -> Void) {
            do { try body() } catch { errors.append(error) }
        }
        note { () throws(RuleFileError) in try refuseTwins(file.lists.map { ($0.name, $0.position) }, "list") }
        note { () throws(RuleFileError) in
            try refuseTwins(file.velocities.map { ($0.name, $0.position) }, "velocity")
        }
        note { () throws(RuleFileError) in try refuseTwins(file.rules.map { ($0.id, $0.position) }, "rule") }
        note { () throws(RuleFileError) in try refuseUnprovable() }
        for list in file.lists {
            listTypes.append(list.type)
            // A list that is wrong is an empty one to those who name it.
            do { lists.append(try spans(of: list.elements, type: list.type)) } catch {
                errors.append(error)
                lists.append(0..<0)
            }
        }
        velocityTypes = file.velocities.map(\.type)
        for velocity in file.velocities {
            do { try compile(velocity) } catch {
                errors.append(error)
                velocityReadsPIN.append(false)
            }
        }
        for rule in rules {
            do { _ = try compile(rule) } catch { errors.append(error) }
        }
        return errors
    }

    private func refuseTwins(
        _ names: [(name: String, position: SourcePosition)], _ what: String
    ) throws(RuleFileError) {
        let sorted = names.sorted {
            ($0.name, $0.position.line, $0.position.column) < ($1.name, $1.position.line, $1.position.column)
        }
        for (first, second) in zip(sorted, sorted.dropFirst()) where first.name == second.name {
            throw RuleFileError(
                .nameTaken, at: second.position, expected: "a new name for the \(what)", found: "`\(second.name)`",
                hint: "line \(first.position.line) declares it")
        }
    }

    /// Two rules may ask for a proof at once; one proof must then satisfy both.
    private func refuseUnprovable() throws(RuleFileError) {
        var common: ProofSet = [.idDocument, .password]
        for rule in file.rules where rule.consequence.action == .stepUp {
            common.formIntersection(rule.consequence.proofs)
            guard !common.isEmpty else {
                throw RuleFileError(
                    .policy, at: rule.consequencePosition,
                    expected: "a proof that every other `require` accepts too", found: "none in common",
                    hint: "when two rules hit, one proof has to do for both")
            }
        }
    }

    // MARK: - Lists

    /// Appends the spans of a list, sorted and merged.
    mutating func spans(of elements: [ListElement], type: ValueType) throws(RuleFileError) -> Range<Int> {
        var spans: [(low: UInt64, high: UInt64)] = []
        for element in elements { spans.append(try span(element, type)) }
        spans.sort { ($0.low, $0.high) < ($1.low, $1.high) }
        let first = bounds.count / 2
        for span in spans {
            if bounds.count / 2 > first, let last = bounds.last, span.low <= last {
                bounds[bounds.count - 1] = max(last, span.high)
            } else {
                bounds += [span.low, span.high]
            }
        }
        return first..<bounds.count / 2
    }

    private func span(_ element: ListElement, _ type: ValueType) throws(RuleFileError) -> (low: UInt64, high: UInt64) {
        let maximum: UInt64 = type == .mcc ? 9_999 : 999_999_999_999_999
        switch (element.kind, type) {
        case (.number(let value), .mcc) where value <= maximum, (.number(let value), .merchant) where value <= maximum:
            return (value, value)
        case (.span(let low, let high), .mcc) where low <= high && high <= maximum,
            (.span(let low, let high), .merchant) where low <= high && high <= maximum:
            return (low, high)
        case (.word(let word), .goods):
            if let goods = GoodsCode(word) { return (goods.packed, goods.packed) }
        case (.word(let word), .terminal):
            if let terminal = TerminalID(word) { return (terminal.packed, terminal.packed) }
        default: break
        }
        let (found, code): (String, RuleFileError.Code) =
            switch element.kind {
            case .number(let value): ("`\(value)`", type == .mcc || type == .merchant ? .range : .type)
            case .span(let low, let high): ("`\(low)-\(high)`", type == .mcc || type == .merchant ? .range : .type)
            case .word(let word): ("`\(word)`", type == .goods || type == .terminal ? .range : .type)
            }
        throw RuleFileError(
            code, at: element.position, expected: type.name, found: found,
            hint: type == .goods || type == .terminal ? "at most 8 characters, figures in quotes" : nil)
    }

    /// The list's index, its name for explanations, and a check of its type.
    mutating func list(_ reference: ListReference, type: ValueType) throws(RuleFileError) -> (index: Int, name: String)
    {
        switch reference {
        case .named(let name, let position):
            guard let index = file.lists.firstIndex(where: { $0.name == name }) else {
                throw RuleFileError(
                    .unknownName, at: position, expected: "the name of a list", found: "`\(name)`",
                    hint: Spelling.hint(for: name, among: file.lists.map(\.name)))
            }
            guard listTypes[index] == type else {
                throw RuleFileError(
                    .type, at: position, expected: "a list of \(type) values",
                    found: "`\(name)`, a list of \(listTypes[index])")
            }
            return (index, name)
        case .literal(let elements, _):
            lists.append(try spans(of: elements, type: type))
            return (lists.count - 1, "[…]")
        }
    }

    mutating func constant(_ value: FigureValue, _ position: SourcePosition) throws(RuleFileError) -> Operand {
        if let index = constantIndices[value] { return Operand(source: .constant, index: index) }
        guard let index = UInt16(exactly: constants.count) else {
            throw RuleFileError(.limit, at: position, expected: "at most 65536 different values", found: "one more")
        }
        constants.append(value)
        constantIndices[value] = index
        return Operand(source: .constant, index: index)
    }

    /// Every name that a condition may use, for hints.
    var knownNames: [String] { Fact.allCases.map(\.name) + ["hot"] + file.velocities.map(\.name) }
}
