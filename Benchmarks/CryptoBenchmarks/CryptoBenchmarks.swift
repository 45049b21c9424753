// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography

/// The operations that the peers' programs measure too; one line of JSON each. An argument limits them by name, and
/// `--allocations` measures nothing and says what of the hot paths allocates. Exit code 1 when one of them does.
@main
enum CryptoBenchmarks {
    static func main() throws {
        let argument = CommandLine.arguments.dropFirst().first ?? ""
        let checks = argument == "--allocations"
        var bench = checks ? Bench() : Bench(filter: argument)
        try bench.tdesDUKPT()
        try bench.aesDUKPT(.aes128, "aes128")
        try bench.aesDUKPT(.aes256, "aes256")
        try bench.keyBlocks()
        try bench.pins()
        try bench.cards()
        try bench.signatures()
        guard bench.report(isWhole: !checks) else { exit(1) }
    }
}
