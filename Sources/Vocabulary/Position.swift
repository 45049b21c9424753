// SPDX-License-Identifier: Apache-2.0

/// A position on the earth in millionths of a degree (WGS 84).
public struct Position: Equatable, Sendable {
    public var latitude: Int32
    public var longitude: Int32

    public init(latitude: Int32, longitude: Int32) {
        self.latitude = latitude
        self.longitude = longitude
    }

    public func write(to writer: inout ByteWriter) {
        writer.signed(Int64(latitude))
        writer.signed(Int64(longitude))
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        latitude = try reader.degrees()
        longitude = try reader.degrees()
    }
}

extension ByteReader {
    /// Millionths of a degree.
    fileprivate mutating func degrees() throws(CodecError) -> Int32 {
        let start = offset
        guard let value = Int32(exactly: try signed()) else { throw .invalid(offset: start, what: "position") }
        return value
    }
}
