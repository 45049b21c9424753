// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The operations that the peers' programs measure too; one line of JSON each. An argument limits them by name.
@main
enum CryptoBenchmarks {
    static func main() throws {
        var bench = Bench(filter: CommandLine.arguments.dropFirst().first ?? "")
        try bench.tdesDUKPT()
        try bench.aesDUKPT(.aes128, "aes128")
        try bench.aesDUKPT(.aes256, "aes256")
        try bench.keyBlocks()
        try bench.pins()
        try bench.cards()
        bench.report()
    }
}
