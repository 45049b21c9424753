// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Small specifications for tests.
enum SpecText {
    /// A whole specification with the given fields, ASCII type and binary bitmap, any message accepted.
    static func document(
        fields: JSON, mac: JSON? = nil, bitmap: JSON = ["enc": "binary", "maxFields": 128], bytes: JSON = 1000,
        count: JSON = 128, otherMessages: JSON = "accept", messages: JSON = .object([]), mti: JSON = ["enc": "ascii"]
    ) -> JSON {
        var members: [JSON.Member] = [
            .init("format", "iso8583-spec/1"), .init("id", "test"), .init("limits", ["bytes": bytes, "fields": count]),
            .init("mti", mti), .init("bitmap", bitmap), .init("fields", fields),
            .init("otherMessages", otherMessages), .init("messages", messages),
        ]
        if let mac { members.append(.init("mac", ["fields": mac, "from": "mti"])) }
        return .object(members)
    }

    static func spec(_ document: JSON) throws(SpecError) -> MessageSpec {
        try MessageSpec(json: Array(document.text.utf8))
    }

    static func spec(fields: JSON, mac: JSON? = nil) throws(SpecError) -> MessageSpec {
        try spec(document(fields: fields, mac: mac))
    }
}

extension JSON {
    /// The value with one member replaced, added, or, with nil, taken out; the path names members of objects.
    func replacing(_ path: String, with value: JSON?) -> JSON {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        if case .array(var elements) = self, let index = parts.first.flatMap({ Int($0) }), parts.count == 2 {
            elements[index] = elements[index].replacing(parts[1], with: value)
            return .array(elements)
        }
        guard case .object(var members) = self, let name = parts.first else { return self }
        let index = members.firstIndex { $0.name == name }
        if parts.count == 2 {
            guard let index else { return self }
            members[index].value = members[index].value.replacing(parts[1], with: value)
        } else if let value {
            if let index { members[index].value = value } else { members.append(Member(name, value)) }
        } else if let index {
            members.remove(at: index)
        }
        return .object(members)
    }
}
