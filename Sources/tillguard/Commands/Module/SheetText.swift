// SPDX-License-Identifier: Apache-2.0
import Foundation
import PaymentCryptography
import SecurityModule
import Vocabulary

/// How a custodian's sheet is printed: digits in groups of four, as they are typed at the keypad.
enum SheetText {
    /// The caller wipes them: the component stands in them.
    static func bytes(_ sheet: borrowing ComponentSheet, ceremony: UInt32) -> [UInt8] {
        var text = Array(
            """
            Tillguard key ceremony \(ceremony)
            Terminal \(sheet.terminal), sheet \(sheet.part) of \(sheet.parts). For one custodian alone.
            密钥仪式 \(ceremony)，终端 \(sheet.terminal)，第 \(sheet.part) 页，共 \(sheet.parts) 页。仅供一名保管人。

            Component    分量

            """.utf8)
        // No growth on the way: an array that is moved leaves digits behind.
        text.reserveCapacity(text.count + 256)
        sheet.component.withBytes { component in
            for (index, byte) in component.enumerated() {
                if index % 2 == 0 { text.append(index % 16 == 0 ? 0x0A : 0x20) }
                for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 0x30 + nibble : 0x37 + nibble) }
            }
        }
        text += Array("\n\nCheck value  校验值  \(Hex.text(sheet.checkValue))\n".utf8)
        return text
    }
}

/// A file of mode 0600 that was not there before.
struct NewFile {
    private let path: String
    private let descriptor: FileHandle

    init(_ path: String) throws {
        let file = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DeploymentError.refused("\(path): \(String(cString: strerror(errno)))") }
        self.path = path
        descriptor = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) throws { try descriptor.write(contentsOf: bytes) }

    /// Takes an empty one away again.
    func remove() { unlink(path) }
}
