// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue
import Estate
import Foundation
import ModuleDrill
import ModuleProtocol
import PaymentCryptography
import Vocabulary

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "A fire drill: raise every warning for real, and see it stopped and cleared.",
        discussion: """
            Starts a server of its own on free ports, commissions a terminal for each warning through its console, \
            and breaks hardware, lines, files, the clock or what is laid down for the estate. Of each warning it \
            prints how soon it was detected, whether till and host refused, which keys went, who was refused the \
            clearance, who cleared it, and whether the terminal trades again. Exit code 0 if every row is as the \
            catalogue asks; 1 if not.

            JSON: an array with an object for each row, always with the same members.
            """)

    @Option(help: "An empty directory to work in, which stays; a temporary one if not given.")
    var data: String?
    @Option(help: "Codes to drill, with commas between them; all if not given.")
    var only: String?
    @Option(help: "en or zh.")
    var language = "en"
    @Flag(help: "Print the rows as JSON and nothing else.")
    var json = false

    private func codes() throws -> [WarningCode]? {
        try only?.split(separator: ",").map { name in
            guard let code = WarningCode(rawValue: name.uppercased()) else {
                throw ValidationError("There is no warning \(name); `tillguard module warnings` lists them.")
            }
            return code
        }
    }

    func validate() throws {
        guard Language(rawValue: language) != nil else { throw ValidationError("--language is en or zh") }
        if try codes()?.isEmpty == true { throw ValidationError("--only names no warning") }
    }

    func run() throws {
        var options = Drill.Options(executable: try DemoCommand.thisProgram(), matrix: try Self.matrix())
        options.data = data
        options.only = try codes()
        let isSilent = json
        let report = try Drill(options) { result in
            guard !isSilent else { return }
            LineWriter.error.write("\(result.code.rawValue) \(result.hasPassed ? "ok" : "FAIL")\n")
        }.run()
        if json {
            print(report.json.text)
        } else {
            report.table(Language(rawValue: language) ?? .en).forEach { print($0) }
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    /// The boards that the drill's terminals have, signed by a supplier who is made for the drill.
    private static func matrix() throws -> Drill.Matrix {
        let supplier = try P256PrivateKey.generate()
        let versions = FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(9, 0, 0))
        let models: [UInt16] = [1, 2]
        var matrix = CompatibilityMatrix(
            version: 1,
            rows: models.map { model in
                CompatibilityMatrix.Row(
                    model: model, revisions: 1...1, profiles: KeyProfile.allCases, firmware: versions,
                    application: versions)
            })
        matrix.signature = try supplier.signature(of: matrix.signedBytes)
        var writer = ByteWriter(capacity: 256)
        matrix.encode(to: &writer)
        return Drill.Matrix(supplier: Hex.text(supplier.publicKey.compressed), text: Hex.text(writer.bytes))
    }
}
