// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

extension Tillguard {
    /// Runs the command line. What goes wrong is one line on the standard error and a code that is not 0.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch { leave(error) }
    }

    private static func leave(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        // Help and version are no errors, and a bare code comes from a command that has said what there was to say.
        guard !code.isSuccess, !(error is ExitCode) else { exit(withError: error) }
        let lines = message(for: error).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let hint = code == .validationFailure ? " (see --help)" : ""
        let line = "tillguard: \(lines.joined(separator: " "))\(hint)\n"
        // The code says the same to whoever cannot read the line.
        LineWriter.error.write(line)
        Foundation.exit(code.rawValue)
    }
}
