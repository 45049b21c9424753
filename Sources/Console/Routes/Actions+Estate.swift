// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import HTTPTypes
import Host
import Hummingbird
import ModuleProtocol
import Vocabulary

extension Action {
    /// Orders, which take two people, and what one person does: at a terminal, or for the whole estate. Which of them a
    /// role may give, the host decides.
    static let estate: [Action] = [
        // A device that is still to be personalised, shipped and given its keys.
        Action(
            path: "/estate/terminals", roles: [.custodian], done: "done_order", back: { _ in "/estate" },
            command: { _, _, fields in
                guard let id = fields["terminal"].flatMap({ TerminalID($0) }), let terminal = EstateTerminal(fields)
                else { return nil }
                return .registerTerminal(id, terminal)
            }),
        order("/terminals/{id}/orders/{kind}", back: atTerminal) { context, fields in
            guard let id = context.terminal(), let kind = EstateOrder.Kind.allCases.named(context) else {
                throw HTTPError(.notFound)
            }
            return EstateOrder(kind, of: id, fields).map { .order($0) }
        },
        order("/terminals/{id}/acts/{kind}", back: atTerminal) { context, fields in
            guard let id = context.terminal(), let kind = EstateAct.Kind.allCases.named(context) else {
                throw HTTPError(.notFound)
            }
            return EstateAct(kind, of: id, fields).map { .act($0) }
        },
        order("/estate/orders/{kind}", back: { _ in "/estate" }) { context, fields in
            guard let kind = EstateOrder.Kind.allCases.named(context) else { throw HTTPError(.notFound) }
            return EstateOrder(kind, fields).map { .order($0) }
        },
        order("/estate/acts/{kind}", back: { _ in "/estate" }) { context, fields in
            guard let kind = EstateAct.Kind.allCases.named(context) else { throw HTTPError(.notFound) }
            return EstateAct(kind, fields).map { .act($0) }
        },
    ]

    private static let atTerminal: @Sendable (ConsoleContext) -> String = {
        "/terminals/\($0.parameters.get("id") ?? "")"
    }

    private static func order(
        _ path: String, back: @escaping @Sendable (ConsoleContext) -> String,
        _ command: @escaping @Sendable (ConsoleContext, Fields) throws -> Command?
    ) -> Action {
        Action(
            path: path, roles: Role.estate, bytesMax: ConsoleConfiguration.ruleBodyBytesMax, done: "done_order",
            back: back, command: { _, context, fields in try command(context, fields) })
    }
}

extension Array {
    /// The kind that an address names.
    fileprivate func named(_ context: ConsoleContext) -> Element? {
        context.parameters.get("kind").flatMap { name in first { "\($0)" == name } }
    }
}

extension EstateTerminal {
    /// A device from its maker; nil where the fields make none.
    init?(_ fields: Fields) {
        guard let merchant = fields["merchant"].flatMap({ UInt64($0) }),
            let profile = KeyProfile.allCases.first(where: { "\($0)" == fields["profile"] }),
            let keySet = fields["keySet"].flatMap({ UInt16($0) }),
            let serial = fields["serial"].flatMap({ UInt64($0, radix: 16) }),
            let currency = fields["currency"].flatMap({ Currency(code: $0) })
        else { return nil }
        self.init(
            merchant: MerchantID(number: merchant), profile: profile, keySet: keySet, identityEpoch: 1, serial: serial,
            currency: currency)
    }
}

extension EstateOrder {
    /// An order about a terminal; nil where the fields make none.
    init?(_ kind: Kind, of id: TerminalID, _ fields: Fields) {
        let keySet = fields["keySet"].flatMap { UInt16($0) }
        let serial = fields["serial"].flatMap { UInt64($0, radix: 16) }
        switch kind {
        case .receive:
            guard let seal = fields["seal"], !seal.isEmpty else { return nil }
            self = .receive(id, seal: seal)
        case .loadInitialKeys: self = .loadInitialKeys(id)
        case .issueKeys:
            guard let keySet else { return nil }
            self = .issueKeys(id, keySet: keySet)
        case .permitSwap:
            guard let serial else { return nil }
            self = .permitSwap(id, serial: serial)
        case .erase:
            guard let code = fields["code"].flatMap(WarningCode.init(rawValue:)) else { return nil }
            self = .erase(id, code)
        case .takeIntoServiceCentre: self = .takeIntoServiceCentre(id)
        case .reidentify:
            guard let keySet, let serial else { return nil }
            self = .reidentify(id, serial: serial, keySet: keySet)
        case .retire: self = .retire(id)
        case .revokeKeySet, .extendLeases, .trustSupplier: return nil
        }
    }

    /// An order about the whole estate; nil where the fields make none.
    init?(_ kind: Kind, _ fields: Fields) {
        switch kind {
        case .revokeKeySet:
            guard let keySet = fields["keySet"].flatMap({ UInt16($0) }),
                let since = fields["since"].flatMap({ Instant(iso8601: $0) })
            else { return nil }
            self = .revokeKeySet(keySet, since: since)
        case .extendLeases:
            guard let until = fields["until"].flatMap({ Instant(iso8601: $0) }) else { return nil }
            self = .extendLeases(until: until)
        case .trustSupplier:
            guard let key = fields["key"].flatMap({ Hex.bytes($0) }) else { return nil }
            self = .trustSupplier(key: key)
        default: return nil
        }
    }
}

extension EstateAct {
    /// What is done to a terminal; nil where the fields make nothing.
    init?(_ kind: Kind, of id: TerminalID, _ fields: Fields) {
        switch kind {
        case .personalise: self = .personalise(id)
        case .ship:
            guard let seal = fields["seal"], !seal.isEmpty else { return nil }
            self = .ship(id, seal: seal)
        case .enterMaintenance: self = .enterMaintenance(id)
        case .endMaintenance: self = .endMaintenance(id)
        case .reportLost: self = .reportLost(id)
        case .inspect:
            guard let photo = fields["photo"], !photo.isEmpty else { return nil }
            let names = fields.all("finding")
            let findings = Inspection.Finding.allCases.filter { names.contains("\($0)") }
            guard findings.count == Set(names).count else { return nil }
            self = .inspect(id, findings: findings, photo: photo)
        case .setReleases, .setDigests, .setKeySetEnd, .setTerms, .importMatrix: return nil
        }
    }

    /// What is laid down for the estate; nil where the fields make nothing.
    init?(_ kind: Kind, _ fields: Fields) {
        func instant(_ name: String) -> Instant? { fields[name].flatMap { Instant(iso8601: $0) } }
        switch kind {
        case .setReleases:
            let deadline = instant("deadline")
            guard let model = fields["model"].flatMap({ UInt16($0) }),
                let recommended = fields["recommended"].flatMap({ SoftwareVersion(text: $0) }),
                let minimum = fields["minimum"].flatMap({ SoftwareVersion(text: $0) }),
                deadline != nil || (fields["deadline"] ?? "").isEmpty
            else { return nil }
            self = .setReleases(
                model: model, ReleasePolicy(recommended: recommended, minimum: minimum, deadline: deadline))
        case .setDigests:
            let texts = (fields["digests"] ?? "").split { $0 == "," || $0.isWhitespace }
            let digests = texts.compactMap { Hex.bytes($0) }
            guard digests.count == texts.count else { return nil }
            self = .setDigests(digests)
        case .setKeySetEnd:
            guard let keySet = fields["keySet"].flatMap({ UInt16($0) }), let until = instant("until") else {
                return nil
            }
            self = .setKeySetEnd(keySet, until: until)
        case .setTerms:
            guard let merchant = fields["merchant"].flatMap({ UInt64($0) }),
                let acquirer = fields["acquirer"].flatMap({ UInt64($0) }),
                let account = fields["account"].flatMap({ UInt64($0) }),
                let radius = fields["radius"].flatMap({ UInt32($0) }),
                let offset = Self.offset(fields["localTime"] ?? "")
            else { return nil }
            self = .setTerms(
                MerchantID(number: merchant),
                MerchantTerms(acquirer: acquirer, account: account, radius: radius, offset: offset))
        case .importMatrix:
            guard let bytes = fields["matrix"].flatMap({ Hex.bytes($0) }) else { return nil }
            var reader = ByteReader(bytes)
            guard let matrix = try? CompatibilityMatrix(from: &reader), reader.isAtEnd else { return nil }
            self = .importMatrix(matrix)
        case .personalise, .ship, .enterMaintenance, .endMaintenance, .reportLost, .inspect: return nil
        }
    }

    /// Local time less UTC in quarter hours: `+8:00`, `-3:30`, `8`; nothing is UTC. Whether a place has such a time the estate
    /// decides.
    private static func offset(_ text: String) -> Int8? {
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty else { return text.isEmpty ? 0 : nil }
        let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let hours = UInt8(parts[0]), hours <= 14,
            let minutes = parts.count == 2 ? UInt8(parts[1]) : 0, minutes < 60, minutes % 15 == 0
        else { return nil }
        let quarters = Int8(hours * 4 + minutes / 15)
        return text.hasPrefix("-") ? -quarters : quarters
    }
}

extension SoftwareVersion {
    /// `1.2.3`.
    init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let major = UInt8(parts[0]), let minor = UInt8(parts[1]), let patch = UInt16(parts[2])
        else { return nil }
        self.init(major, minor, patch)
    }
}
