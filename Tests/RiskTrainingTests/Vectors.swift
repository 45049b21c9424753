// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

/// Files of Tests/Vectors/models.
enum Vectors {
    static func json(_ name: String) throws -> JSON {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "Vectors/models/\(name).json"))))
    }

    static func real(_ json: JSON?) throws -> Double {
        switch json {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: Double(bitPattern: try #require(UInt64(json?.string ?? "", radix: 16)))
        }
    }
}
