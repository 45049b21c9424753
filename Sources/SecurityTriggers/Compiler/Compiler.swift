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
    var externals: [ExternalList] = []
    /// Per declared list: where its elements are.
    private var listPlaces: [ListPlace] = []
    var rates = Rates()
    var scores: [ScoreProgram] = []
    var scoreReadsPIN: [Bool] = []
    var texts: [[UInt8]] = []
    /// Never iterated.
    var textNumbers: [String: Int] = [:]
    var velocities: [VelocityProgram] = []
    /// Per velocity: its value's type, and whether it looks at PINs.
    var velocityTypes: [ValueType] = []
    var velocityReadsPIN: [Bool] = []
    // Of the rule in hand:
    var figures: [FigureSource] = []
    var (readsPINOrStatus, scoresAsked) = (false, UInt8(0))
    var isNegated = false
    var registers: UInt8 = 0
    var isInFeature = false

    private enum ListPlace {
        case inline(Int)
        case external(Int)
    }

    static func program(of file: RuleFile) throws(RuleFileError) -> RuleProgram {
        var compiler = Compiler(file: file, rules: file.rules.sorted { $0.id < $1.id })
        return try compiler.run()
    }

    /// Every mistake of a file's declarations, the first of each.
    static func errors(of file: RuleFile) -> [RuleFileError] {
        var compiler = Compiler(file: file, rules: file.rules.sorted { $0.id < $1.id })
        var errors: [RuleFileError] = []
        _ = try? compiler.run { error throws(RuleFileError) in errors.append(error) }
        return errors
    }

    /// For who only asks for types and texts of a sound file.
    init(looking file: RuleFile) { self.init(file: file, rules: []) }

    private init(file: RuleFile, rules: [RuleDeclaration]) {
        self.file = file
        self.rules = rules
        velocityTypes = file.velocities.map(\.type)
    }

    /// - Parameter note: is told of each mistake; what it does not throw is passed over, with an empty declaration in its
    ///   place.
    private mutating func run(
        _ note: (RuleFileError) throws(RuleFileError) -> Void = { error throws(RuleFileError) in throw error }
    ) throws(RuleFileError) -> RuleProgram {
        func check(_ body: () throws(RuleFileError) -> Void) throws(RuleFileError) {
            do throws(RuleFileError) { try body() } catch { try note(error) }
        }
        try check { () throws(RuleFileError) in try refuseTwins(file.lists.map { ($0.name, $0.position) }, "list") }
        try check { () throws(RuleFileError) in try refuseTwins(values, "velocity, feature or score") }
        try check { () throws(RuleFileError) in try refuseTwins(file.rules.map { ($0.id, $0.position) }, "rule") }
        try check { () throws(RuleFileError) in try refuseUnprovable() }
        do throws(RuleFileError) { rates = try compile(file.rates) } catch { try note(error) }
        for list in file.lists {
            do throws(RuleFileError) { try compile(list) } catch {
                // A list that is wrong is an empty one to those who name it.
                try note(error)
                listPlaces.append(.inline(lists.count))
                lists.append(0..<0)
            }
        }
        for velocity in file.velocities {
            do throws(RuleFileError) { try compile(velocity) } catch {
                try note(error)
                velocityReadsPIN.append(false)
            }
        }
        for feature in file.features {
            do throws(RuleFileError) { try self.check(feature) } catch { try note(error) }
        }
        code = []
        for score in file.scores {
            do throws(RuleFileError) { try compile(score) } catch {
                try note(error)
                scoreReadsPIN.append(false)
            }
        }
        var heads: [RuleHead] = []
        var details: [RuleDetail] = []
        for rule in rules {
            do throws(RuleFileError) {
                let (head, detail) = try compile(rule)
                heads.append(head)
                details.append(detail)
            } catch { try note(error) }
        }
        return RuleProgram(self, heads: heads, details: details)
    }

    private mutating func compile(_ rule: RuleDeclaration) throws(RuleFileError) -> (RuleHead, RuleDetail) {
        figures = []
        (readsPINOrStatus, isNegated, registers, scoresAsked) = (false, false, 0, 0)
        let start = code.count
        try condition(rule.condition)
        var range = start..<code.count
        if let position = rule.noticePosition, readsPINOrStatus {
            throw RuleFileError(
                .policy, at: position, expected: "`then`", found: "`unless`",
                hint: "a notice never lifts a rule about the card's status or its PIN")
        }
        var texts: [RuleText] = []
        for text in rule.texts { texts.append(try compile(text)) }
        if rule.state == .draft || rule.state == .retired {
            range = code.count..<code.count + 1
            code.append(Instruction(operation: .no))
        }
        let onUnknown = rule.onUnknown ?? file.onUnknown
        return (
            RuleHead(
                code: range, isShadow: rule.state == .shadow, hasOnUnknown: onUnknown != nil,
                isLiftable: rule.noticePosition != nil),
            RuleDetail(
                id: rule.id, version: rule.version, state: rule.state, consequence: rule.consequence,
                onUnknown: onUnknown, figures: figures, texts: texts, scores: scoresAsked)
        )
    }

    /// What a condition may name, whose names must differ.
    private var values: [(name: String, position: SourcePosition)] {
        file.velocities.map { ($0.name, $0.position) } + file.features.map { ($0.name, $0.position) }
            + file.scores.map { ($0.name, $0.position) }
    }

    private func compile(_ declarations: [RateDeclaration]) throws(RuleFileError) -> Rates {
        var rates = Rates(home: declarations.first?.to.numeric ?? 0)
        for rate in declarations {
            guard rate.to.numeric == rates.home else {
                throw RuleFileError(
                    .policy, at: rate.position, expected: "a rate into \(Currency(numeric: rates.home).code)",
                    found: "`\(rate.to.code)`", hint: "all rates of a file are into one currency")
            }
            guard rate.from.numeric != rates.home, !rates.isKnown(rate.from.numeric) else {
                throw RuleFileError(
                    .nameTaken, at: rate.position, expected: "one rate for each currency", found: "`\(rate.from.code)`")
            }
            // Both sides sixteen times over, so that the divisor of a full-width division is never small.
            rates.rates.append(
                Rates.Rate(
                    currency: rate.from.numeric, numerator: rate.numerator * 16, denominator: rate.denominator * 16))
        }
        return rates
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
        var orders = file.rules.flatMap { rule in
            [rule.consequence, rule.onUnknown].compactMap { $0 }.map { ($0, rule.consequencePosition) }
        }
        if let order = file.onUnknown { orders.append((order, file.onUnknownPosition)) }
        for (order, position) in orders where order.action == .stepUp {
            common.formIntersection(order.proofs)
            guard !common.isEmpty else {
                throw RuleFileError(
                    .policy, at: position,
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
        case (.word(let word), .goods), (.text(let word), .goods):
            if let goods = GoodsCode(word) { return (goods.packed, goods.packed) }
        case (.word(let word), .terminal), (.text(let word), .terminal):
            if let terminal = TerminalID(word) { return (terminal.packed, terminal.packed) }
        default: break
        }
        let (found, code): (String, RuleFileError.Code) =
            switch element.kind {
            case .number(let value): ("`\(value)`", type == .mcc || type == .merchant ? .range : .type)
            case .span(let low, let high): ("`\(low)-\(high)`", type == .mcc || type == .merchant ? .range : .type)
            case .word(let word), .text(let word):
                ("`\(word)`", type == .goods || type == .terminal ? .range : .type)
            case .expression: ("another value", .type)
            }
        throw RuleFileError(
            code, at: element.position, expected: type.name, found: found,
            hint: type == .goods || type == .terminal ? "at most 8 characters, figures in quotes" : nil)
    }

    private mutating func compile(_ list: ListDeclaration) throws(RuleFileError) {
        switch list.source {
        case .inline(let elements):
            let spans = try spans(of: elements, type: list.type)
            listPlaces.append(.inline(lists.count))
            lists.append(spans)
        case .external(let name):
            // Safe: the parser takes only types that lists are of.
            let external = ExternalList(name: name, kind: list.type.listKind ?? .card)
            listPlaces.append(.external(externals.firstIndex(of: external) ?? externals.count))
            if !externals.contains(external) { externals.append(external) }
        }
    }

    /// The list's index, its name for explanations, and a check of its type.
    mutating func list(
        _ reference: ListReference, type: ValueType
    ) throws(RuleFileError) -> (index: Int, name: String, isExternal: Bool) {
        switch reference {
        case .named(let name, let position):
            guard let index = file.lists.firstIndex(where: { $0.name == name }) else {
                throw RuleFileError(
                    .unknownName, at: position, expected: "the name of a list", found: "`\(name)`",
                    hint: Spelling.hint(for: name, among: file.lists.map(\.name)))
            }
            let listed = file.lists[index].type
            guard listed == type else {
                throw RuleFileError(
                    .type, at: position, expected: "a list of \(type) values", found: "`\(name)`, a list of \(listed)")
            }
            switch listPlaces[index] {
            case .inline(let index): return (index, name, false)
            case .external(let index): return (index, name, true)
            }
        case .literal(let elements, let position):
            guard type != .card else {
                throw RuleFileError(
                    .type, at: position, expected: "`list` and its name", found: "`[`",
                    hint: "no card stands in a rule file")
            }
            lists.append(try spans(of: elements, type: type))
            return (lists.count - 1, "[…]", false)
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
    var knownNames: [String] { Fact.names + values.map(\.name) }
}
