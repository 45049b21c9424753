// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Hummingbird
import Vocabulary

/// What travels with one request.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var language = Language.en
    var session: Session?
    /// Until when two people have extended leases; nil when they have not.
    var outage: Instant?

    init(source: Source) { coreContext = .init(source: source) }

    var maxUploadSize: Int { ConsoleConfiguration.bodyBytesMax }

    func terminal(_ name: String = "id") -> TerminalID? { parameters.get(name).flatMap { TerminalID($0) } }

    func number(_ name: String = "id") -> UInt64? {
        // Digits only, so that an address has one spelling.
        guard let text = parameters.get(name), (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return UInt64(text)
    }
}
