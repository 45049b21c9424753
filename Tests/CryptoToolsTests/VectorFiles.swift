// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The known answers of `Tests/Vectors/crypto`.
enum VectorFiles {
    static func text(_ name: String) -> [UInt8] {
        let path =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
            + "/Vectors/crypto/\(name).json"
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return output }
            output += buffer[..<count]
        }
    }
}
