// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// A custodian as on a command line: `NAME` for one who does not come, `NAME=KCV:PART` for one who enters a component or
/// a share, where PART is the text itself, `@FILE`, or `-` for a line of the standard input.
struct CustodianInput: ExpressibleByArgument, Sendable {
    let name: String
    /// What stands on the custodian's form, and the component or share; nil for one who does not come.
    let part: (checkValue: String, input: CryptoInput, isAskedFor: Bool)?

    init?(argument: String) {
        let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(sides[0])
        guard sides.count == 2 else {
            part = nil
            return
        }
        let fields = sides[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 2 else { return nil }
        part = (fields[0], CryptoInput(argument: fields[1]), fields[1] == "-")
    }
}
