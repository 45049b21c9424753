// SPDX-License-Identifier: Apache-2.0

/// What a scheme puts into the issuer application data (tag 9F10): which of the issuer's keys, which cryptogram version,
/// and where the card verification results stand.
public struct IssuerApplicationData: Hashable, Sendable {
    /// The derivation key index (DKI): which of its keys the issuer personalised the card under.
    public let keyIndex: UInt8
    /// The cryptogram version number (CVN); for common core definitions, the common core identifier.
    public let version: UInt8
    /// The card verification results (CVR): 4 bytes, or 5 or 6 by scheme and format.
    public let results: [UInt8]

    /// - Returns: nil for data too short for index, version and results.
    public init?(_ data: [UInt8], scheme: CryptogramSpecification.Scheme) {
        let places: (index: Int, version: Int, results: Range<Int>)
        switch scheme {
        // Formats 2 and 4 of VIS 1.6 begin with their length, 1F, and have the version before the index.
        case .visa where data.first == 0x1F: places = (2, 1, 3..<8)
        case .visa, .unionPay: places = (1, 2, 3..<7)
        case .mastercard, .interac: places = (0, 1, 2..<8)
        case .commonCore: places = (2, 1, 3..<8)
        }
        guard data.count >= places.results.upperBound else { return nil }
        keyIndex = data[places.index]
        version = data[places.version]
        results = Array(data[places.results])
    }
}
