// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "replay", shouldDisplay: false)
}
