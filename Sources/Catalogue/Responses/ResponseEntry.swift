// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How the UnionPay POS rules sort response codes by what the terminal does.
public enum ResponseClass: String, CaseIterable, Sendable {
    /// Done.
    case approved = "A"
    /// Failed; may be tried again.
    case retry = "B"
    /// Failed; not to be tried again.
    case final = "C"
    /// Failed; the operator acts.
    case operatorActs = "D"
    /// Failed for a fault of the system; not to be tried again.
    case systemFault = "E"
}

/// One row of the table of response codes, DE 39, as UnionPay POS terminals and international networks read them.
public struct ResponseEntry: Equatable, Sendable {
    public let code: ResponseCode
    /// Empty for a code that UnionPay does not use; two where its sources disagree.
    public let classes: [ResponseClass]
    /// UnionPay's meaning, in Chinese; nil for a code that it does not use.
    public let meaning: String?
    /// What a UnionPay terminal shows; 交易失败 for a code that it does not use.
    public let display: Phrase
    /// What international networks take the code for; nil for a code that they do not use.
    public let international: String?
    /// Whether a UnionPay terminal signs on before the next transaction.
    public let asksForSignOn: Bool

    /// Whether UnionPay's table holds the code.
    public var isUnionPay: Bool { meaning != nil }

    /// The row of a code; nil for a code that stands in neither table.
    public static func entry(_ code: ResponseCode) -> ResponseEntry? { table.rows[code] }

    /// Every row, in the order of the codes.
    public static var all: [ResponseEntry] { table.rows.values }

    /// What a UnionPay terminal shows for a code: its row's text, or 交易失败.
    public static func unionPayDisplay(_ code: ResponseCode) -> Phrase { entry(code)?.display ?? table.unknown }

    private static let table: (rows: Registry<ResponseCode, ResponseEntry>, unknown: Phrase) = {
        let file = EmbeddedFile("responses.json", PackageResources.responses_json, format: "tillguard-responses/1")
        let unknown = file.phrase(file.required(file.root, "unknown"))
        let signOn = file.array(file.required(file.root, "signOn")).map { file.named($0) { ResponseCode($0) } }
        var rows = Registry<ResponseCode, ResponseEntry>()
        for row in file.array(file.required(file.root, "codes")) {
            let code = file.named(file.required(row, "code")) { ResponseCode($0) }
            rows.insert(
                code,
                ResponseEntry(
                    code: code,
                    classes: (row["classes"]?.array ?? []).map { file.named($0) { ResponseClass(rawValue: $0) } },
                    meaning: row["meaning"].map { file.string($0) },
                    display: row["display"].map { file.phrase($0) } ?? unknown,
                    international: row["international"].map { file.string($0) },
                    asksForSignOn: signOn.contains(code)))
        }
        return (rows, unknown)
    }()
}
