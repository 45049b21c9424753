// SPDX-License-Identifier: Apache-2.0

extension MessageSpec {
    /// Terminal to this host: ASCII digits and lengths, binary bitmap.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    public static let iso8583_1987 = shipped(PackageResources.iso8583_1987_json)

    /// ISO 8583:1987 with packed digits and lengths and a binary bitmap, fields as the standard has them.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    public static let iso8583_1987_binary = shipped(PackageResources.iso8583_1987_binary_json)

    /// UnionPay terminals: packed digits and lengths, 64 fields.
    public static let unionpayPOS = shipped(PackageResources.unionpay_pos_json)

    /// Every dialect that comes with the library, in the order of their names.
    public static var shipped: [MessageSpec] { [iso8583_1987, iso8583_1987_binary, unionpayPOS] }

    /// The shipped dialect of that name.
    public static func shipped(named name: String) -> MessageSpec? { shipped.first { $0.name == name } }

    /// A broken embedded file is a fault of the program and stops it.
    private static func shipped(_ json: [UInt8]) -> MessageSpec {
        do throws(SpecError) {
            return try MessageSpec(json: json)
        } catch {
            preconditionFailure("an embedded specification: \(error)")
        }
    }
}
