// SPDX-License-Identifier: Apache-2.0

/// Each working key by itself, where a holder is to have no other: double-length TDES, as all keys of the scheme.
extension TDESTransactionKeys {
    /// The PIN key.
    public borrowing func pinKey() -> DUKPTPINKey { DUKPTPINKey(copy(.pin), type: .tdes2, party: party) }

    /// A MAC key (ANSI X9.19); the one of both ways is the request's (X9.24-1:2009 A.4.1).
    public borrowing func macKey(_ direction: DUKPTDirection) -> DUKPTMACKey {
        let key = copy(direction == .response ? .responseMAC : .requestMAC)
        return DUKPTMACKey(key, .retail, direction: direction, party: party)
    }

    /// A data key; the one of both ways is the request's (X9.24-1:2009 A.4.1).
    public borrowing func dataKey(_ direction: DUKPTDirection) -> DUKPTDataKey {
        let key = dataKey(direction == .response ? Usage.responseData : .requestData)
        return DUKPTDataKey(key, type: .tdes2, direction: direction, party: party)
    }

    /// A working key as it is used.
    borrowing func copy(_ usage: Usage) -> SecretKey {
        switch usage {
        case .requestData, .responseData: dataKey(usage)
        case .pin, .requestMAC, .responseMAC:
            withKey(usage) { key in SecretKey(count: key.count) { $0.copyMemory(from: key) } }
        }
    }
}
