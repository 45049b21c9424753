// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t8 = Row("T8", "Never give personal or financial data to strangers", in: .bank) { stage in
        var pages = 0
        for user in ["oper1", "desk1", "shop1"] { pages += try t8Crawl(stage, try stage.logIn(user)) }
        for path in ["/", "/terminals", "/cases", "/accounts/1", "/api/decisions", "/events"] {
            let answer = try stage.stranger().get(path)
            try stage.expect(
                answer.status == 401 || answer.status == 303, "nothing for a stranger at \(path)",
                seen: "\(answer.status)")
        }
        stage.fact("\(pages) pages and API answers of three roles fetched; a stranger gets none of six")

        guard case .texts(let texts) = try stage.perform(.seen) else { return .works }
        for text in texts {
            if let secret = ClearSecrets.first(inText: text) {
                throw Unmet(expected: "no clear card number, PIN or transaction password in an answer", seen: secret)
            }
        }
        let characters = texts.reduce(0) { $0 + $1.utf8.count }
        try stage.expect(
            texts.contains { $0.contains("******") }, "masked card numbers among what was seen", seen: "none")
        stage.fact(
            "\(texts.count) answers of the whole run, \(characters / 1_024) KiB: card numbers masked, none clear")

        let files = try stage.files(.allFiles)
        for wanted in ["journal.db", "records.db", "server.log"] {
            let found = files.contains { $0.name.contains(wanted) && !$0.bytes.isEmpty }
            try stage.expect(found, "\(wanted) among the files", seen: "it is not")
        }
        for file in files {
            if let secret = ClearSecrets.first(inFile: file.bytes) {
                throw Unmet(
                    expected: "no clear card number, PIN field or PIN block in a file",
                    seen: "\(secret) in \(file.name)")
            }
        }
        let bytes = files.reduce(0) { $0 + $1.bytes.count }
        stage.fact(
            "\(files.count) files (journals, tables, logs, terminals' memories), \(bytes / 1_024) KiB: none holds a "
                + "clear card number, PIN field or PIN block of a test card")
        stage.fact("left out: the virtual terminal's page, which offers the test cards' numbers to type in")
        return .works
    }

    /// Follows the links of the pages, from the first one on.
    /// - Returns: how many were read.
    private static func t8Crawl(_ stage: Stage, _ visitor: Visitor) throws -> Int {
        stage.sent("console, \(visitor.name): every page that a link leads to")
        var known = ["/", "/api/terminals", "/api/decisions", "/api/overview", "/api/cases", "/api/accounts/3"]
        var index = 0
        var read = 0
        while index < known.count, index < 150 {
            let answer = try visitor.get(known[index])
            index += 1
            guard answer.status == 200 else { continue }
            read += 1
            if let secret = ClearSecrets.first(inText: answer.body) {
                throw Unmet(expected: "nothing clear on a page", seen: "\(secret) at \(known[index - 1])")
            }
            for link in Page.values(of: "href", in: answer.body) {
                let path = String(link.prefix { $0 != "#" })
                let isPage = path.hasPrefix("/") && !path.hasPrefix("//") && !path.hasPrefix("/assets/")
                // The virtual terminal stands for a till and the cards before it; a change of language is no page.
                let isTill = path == "/terminal" || path.hasPrefix("/terminal/") || path.hasPrefix("/terminal?")
                guard isPage, !isTill, !path.hasPrefix("/language"), !known.contains(path) else { continue }
                known.append(path)
            }
        }
        stage.came("\(read) pages")
        try stage.expect(read >= 5, "pages to read for \(visitor.name)", seen: "\(read)")
        return read
    }
}
