// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Times of X.509 and CMS as seconds since 1970.
enum UnixTime {
    /// 0 to the end of the year 9999, which is what the ASN.1 types hold.
    static let range: ClosedRange<Int64> = 0...253_402_300_799

    /// The seconds of a UTCTime or GeneralizedTime; nil for what is not a time.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time else { return nil }
        var fields = tm()
        guard ASN1_TIME_to_tm(time, &fields) == 1 else {
            ERR_clear_error()
            return nil
        }
        let days = days(year: Int64(fields.tm_year) + 1900, month: Int64(fields.tm_mon) + 1, day: Int64(fields.tm_mday))
        return days * 86_400 + Int64(fields.tm_hour) * 3_600 + Int64(fields.tm_min) * 60 + Int64(fields.tm_sec)
    }

    /// The seconds that an element of ASN.1 stands for.
    static func seconds(tag: UInt8, _ content: [UInt8]) -> Int64? {
        guard tag == ASN1.Tag.utcTime || tag == ASN1.Tag.generalizedTime, content.count <= 32 else { return nil }
        let time = ASN1_STRING_type_new(Int32(tag))
        LibCrypto.require(time, "ASN1_STRING_type_new")
        defer { ASN1_STRING_free(time) }
        LibCrypto.require(ASN1_STRING_set(time, content, Int32(content.count)), "ASN1_STRING_set")
        return seconds(time)
    }

    /// The Time of RFC 5280 4.1.2.5: UTCTime to the end of 2049, GeneralizedTime after it.
    static func encoding(_ seconds: Int64) throws(TR34Error) -> [UInt8] {
        guard range.contains(seconds), let time = ASN1_TIME_set(nil, Int(seconds)) else {
            throw .certificate(.unwritable("time"))
        }
        defer { ASN1_STRING_free(time) }
        let count = Int(ASN1_STRING_length(time))
        let content = Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(time), count: count))
        return ASN1.element(UInt8(ASN1_STRING_type(time)), content)
    }

    /// Days since 1970-01-01 of the Gregorian calendar; years begin in March, so that the leap day is the last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
