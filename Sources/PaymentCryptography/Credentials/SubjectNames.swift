// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Why no certificate was made.
public enum CertificateError: Error, Equatable, Sendable {
    /// Empty, longer than 64 characters, or with a control character.
    case commonName
    /// Not a DNS name of letters, digits, hyphens and dots, a first label `*` allowed.
    case dnsName(String)
    /// Not an IPv4 or IPv6 address.
    case ipAddress(String)
    /// Neither a DNS name nor an address.
    case noSubjectName
    /// Not between 1 and 3650 days.
    case validDays(Int)
}

/// The names of a certificate. Whatever goes into libcrypto's extension syntax is checked first: a comma in a name would
/// make it two.
struct SubjectNames {
    var commonName: String
    var dnsNames: [String] = []
    var ipAddresses: [String] = []

    /// The common name as a Name in DER.
    func checked() throws(CertificateError) -> [UInt8] {
        guard let subject = DistinguishedName.encoding(commonName: commonName) else { throw .commonName }
        for name in dnsNames where !Self.isDNSName(name) { throw .dnsName(name) }
        for address in ipAddresses {
            guard let octets = a2i_IPADDRESS(address) else { throw .ipAddress(address) }
            ASN1_OCTET_STRING_free(octets)
        }
        return subject
    }

    /// The extension's text; nil without any.
    var alternatives: String? {
        let names = dnsNames.map { "DNS:" + $0 } + ipAddresses.map { "IP:" + $0 }
        return names.isEmpty ? nil : names.joined(separator: ",")
    }

    private static func isDNSName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        for (index, label) in name.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            if index == 0, label == "*", name.utf8.count > 2 { continue }
            guard (1...63).contains(label.utf8.count), label.utf8.first != 0x2D, label.utf8.last != 0x2D,
                label.utf8.allSatisfy({
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
                })
            else { return false }
        }
        return true
    }
}
