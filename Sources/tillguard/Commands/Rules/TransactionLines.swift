// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import TriggerTools

/// The transactions of a CSV file, plain or compressed by gzip.
final class TransactionLines {
    private let file: RecordedFile
    private let path: String
    private var table: TransactionTable
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init(path: String) throws {
        self.path = path
        file = try RecordedFile(path: path)
        // Made anew at once: the header has to be read first.
        table = try TransactionTable(header: "datetime,customer_id,terminal_id,amount".utf8)
        guard let header = try nextLine() else { throw ReplayError.badHeader(path, why: "the file is empty") }
        do { table = try TransactionTable(header: header) } catch { throw refusal(error) }
    }

    /// Every transaction in the file's order.
    func forEach(_ body: (LabelledTransaction) -> Void) throws {
        while let line = try nextLine() {
            do throws(TransactionTableError) {
                if let transaction = try table.transaction(of: line) { body(transaction) }
            } catch { throw refusal(error) }
        }
    }

    private func refusal(_ error: TransactionTableError) -> DeploymentError { .refused("\(path): \(error)") }

    private func nextLine() throws -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[position...].firstIndex(of: 0x0A) {
                defer { position = end + 1 }
                return buffer[position..<end]
            }
            if isAtEnd {
                defer { position = buffer.count }
                return position < buffer.count ? buffer[position...] : nil
            }
            guard buffer.count - position <= TransactionTable.lineBytesMax else {
                throw DeploymentError.refused("\(path): a line of more than \(TransactionTable.lineBytesMax) bytes")
            }
            buffer.removeFirst(position)
            position = 0
            let piece = try file.next()
            isAtEnd = piece == nil
            buffer += piece ?? []
        }
    }
}
