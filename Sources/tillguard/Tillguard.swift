// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SecurityTriggers

@main
struct Tillguard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tillguard",
        abstract: "The open security platform for card terminals.",
        discussion: """
            A security module that proves its health on every authorisation, the terminal around it, the ISO 8583 \
            host, the issuer's security triggers, and the desks behind them. The module is an emulation with a \
            hardware seam: no certified device.
            """,
        version: EngineVersion.current.description,
        subcommands: [
            ServeCommand.self, DemoCommand.self, TerminalCommand.self, ReplayCommand.self, ModuleCommand.self,
            RulesCommand.self, GenerateTransactionsCommand.self, ZoneCommand.self, IssuerCommand.self,
            SimulateCommand.self, BenchCommand.self, CryptoCommand.self, ISO8583Command.self,
        ])
}
