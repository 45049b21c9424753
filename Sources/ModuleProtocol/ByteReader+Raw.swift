// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

extension ByteReader {
    /// A one-byte enumeration.
    public mutating func raw<T: RawRepresentable>(
        _ type: T.Type, _ what: String
    ) throws(CodecError) -> T where T.RawValue == UInt8 {
        let start = offset
        guard let value = T(rawValue: try byte()) else { throw .invalid(offset: start, what: what) }
        return value
    }

    /// A warning by its wire number.
    public mutating func warning() throws(CodecError) -> WarningCode {
        let start = offset
        guard let code = WarningCode(wireNumber: try byte()) else { throw .invalid(offset: start, what: "warning") }
        return code
    }
}
