// SPDX-License-Identifier: Apache-2.0

/// Unbind and rebind tokens. Two may sign them: the host that the device is bound to, over the device's random number;
/// and the device's higher authority, over the host that is to go, with a signing time that only moves forward.
extension KeyReceivingDevice {
    /// Lets the host go by a token of the host (UBT_KDH) or of the authority (UBT_CA; TR-34 B.13, B.14).
    ///
    /// - Parameter seconds: the time, in seconds since 1970.
    public mutating func unbind(token bytes: [UInt8], at seconds: Int64) throws(TR34Error) {
        guard let host = state.host else { throw .notBound }
        let token = try TR34.BindingToken(reading: bytes)
        guard token.newHost == nil else { throw .malformed("unbind token") }
        let time = try authorize(token, host: host, at: seconds)
        state.host = nil
        finish(time)
    }

    /// Changes the host by a token of the host (RBT_KDH) or of the authority (RBT_CA; TR-34 B.10, B.11).
    ///
    /// - Parameter seconds: the time, in seconds since 1970.
    public mutating func rebind(token bytes: [UInt8], at seconds: Int64) throws(TR34Error) {
        guard let host = state.host else { throw .notBound }
        let token = try TR34.BindingToken(reading: bytes)
        guard let newHost = token.newHost else { throw .malformed("rebind token") }
        let time = try authorize(token, host: host, at: seconds)
        let list = try validate(
            newHost.certificate, list: newHost.revocationList, authorities: newHost.authorities, at: seconds)
        remember(list)
        state.host = newHost.certificate
        finish(time)
    }

    /// Checks who ordered it, whom it means and that it is new; answers with the signing time of the authority's.
    private func authorize(
        _ token: TR34.BindingToken, host: Certificate, at seconds: Int64
    ) throws(TR34Error) -> Int64? {
        if token.isSigned(by: host) {
            try token.verify(signer: host)
            // A host that was revoked meanwhile no longer hands its devices over.
            _ = try validate(host, list: try token.revocationList(ifOf: host), at: seconds)
            guard let number = token.randomNumber else { throw .noFreshness }
            try check(randomNumber: number)
            guard token.device == certificate.id else { throw .wrongDevice }
            guard token.host == nil || token.host == host.id else { throw .wrongHost }
            return nil
        }
        try token.verify(signer: authority)
        guard seconds >= authority.notBefore else { throw .certificate(.notYetValid) }
        guard seconds <= authority.notAfter else { throw .certificate(.expired) }
        guard token.device == certificate.id else { throw .wrongDevice }
        guard token.host == host.id else { throw .wrongHost }
        if let time = token.signingTime {
            try check(time, ageMax: policy.authorityTokenAgeMax, after: state.lastAuthorityTime, at: seconds)
        } else if !policy.allowsUndatedAuthorityTokens {
            throw .noFreshness
        }
        return token.signingTime
    }

    /// The random number may have been meant for the host that is gone.
    private mutating func finish(_ authorityTime: Int64?) {
        state.randomNumber = nil
        if let authorityTime { state.lastAuthorityTime = authorityTime }
    }
}
