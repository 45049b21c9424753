// SPDX-License-Identifier: Apache-2.0
import Glibc
import ISO8583
import ISO8583Tools
import Testing
import Vocabulary

/// Files of the tree, by their path under `Tests`.
enum TreeFile {
    static func path(_ name: String) -> String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
            + "/\(name)"
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        let file = try #require(fopen(path(name), "rb"), "\(name)")
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { output += buffer[..<count] }
        return output
    }

    static func vector(_ name: String) throws -> [UInt8] { try bytes("Vectors/iso8583/\(name).json") }

    static func vectors(_ name: String) throws -> [JSON] {
        let json = try JSON(parsing: vector(name))
        return try #require(json["vectors"]?.array ?? json["codes"]?.array)
    }
}

/// Values from a seed, the same each run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension JSON {
    /// This object with the member at the end of the path replaced.
    func replacing(_ path: [String], with value: JSON) -> JSON {
        guard let name = path.first else { return value }
        return .object(
            (members ?? []).map { member in
                member.name == name
                    ? Member(name, member.value.replacing(Array(path.dropFirst()), with: value)) : member
            })
    }
}
