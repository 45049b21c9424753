// SPDX-License-Identifier: Apache-2.0
import Glibc
import ISO8583
import Vocabulary

/// Reads the checked-in vectors beside the test targets.
enum VectorFile {
    struct Missing: Error { var path: String }

    static func bytes(_ name: String) throws -> [UInt8] {
        let here = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let path = "/\(here)/Vectors/iso8583/\(name)"
        guard let file = fopen(path, "rb") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return bytes
    }

    static func vectors(_ name: String) throws -> [JSON] {
        try JSON(parsing: try bytes(name))["vectors"]?.array ?? []
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

/// The messages of the dialect that most tests start from.
enum Sample {
    static let spec = MessageSpec.iso8583_1987

    static func purchase() -> MessageBuilder {
        var builder = MessageBuilder(.financialRequest, spec: spec)
        builder.set(2, text: "4761739001010010")
        builder.set(3, number: 0)
        builder.set(4, number: 12_500)
        builder.set(7, number: 1_122_205_847)
        builder.set(11, number: 42)
        builder.set(12, number: 205_847)
        builder.set(13, number: 1122)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(41, text: "T0000001")
        builder.set(42, number: 123_456_789)
        builder.set(49, number: 978)
        builder.set(52, bytes: Array(1...8))
        builder.set(62, bytes: Array(1...10))
        builder.set(63, bytes: Array(1...20))
        builder.reserveMAC()
        return builder
    }

    static func purchaseBytes() throws -> [UInt8] { try purchase().encode().bytes }

    /// 0200 up to field 13, by hand.
    static let head =
        "30323030" + "70380000000000 00".filter { $0 != " " }
        + "3136" + "34373631373339303031303130303130" + "303030303030" + "303030303030303132353030"
        + "303030303432" + "323035383437" + "31313232"
}

/// What the closure throws, if it throws an error of that kind.
func error<T, E: Error>(_ type: E.Type, _ body: () throws -> T) -> E? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? E
    }
}
