// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// How the issuer wants to verify a card's PIN.
public enum PINReferenceKind: Equatable, Sendable {
    /// Visa PVV under the key pair of this index, 0–6.
    case pvv(keyIndex: UInt8)
    /// IBM 3624 offset.
    case offset
}

extension SoftHostModule {
    /// What the issuer keeps to verify this PIN of this card.
    ///
    /// A PVV covers four digits only: a longer PIN gets an offset, whatever was asked for (rule R3). So does an index
    /// that no key has.
    public func pinReference(
        pan: PAN, pin: borrowing ClearPIN, kind: PINReferenceKind
    ) -> PINReference {
        guard let number = pan.forPIN else { preconditionFailure("a PAN of 12 to 19 digits has PIN digits") }
        // A closure cannot capture a borrowed parameter; the copies of the keys are wiped at the end of this call.
        if case .pvv(let index) = kind, pin.count == 4, let pvk = pinKeys.withVisaPVK(index, { $0.copy() }) {
            let digits = VisaPVV.value(pvk: pvk, pan: number, pvki: index, pin: pin)
            return .pvv(digits.reduce(0) { $0 * 10 + UInt16($1) }, keyIndex: index)
        }
        let pvk = pinKeys.withIBMPVK { $0.copy() }
        return .offset(IBM3624.offset(pvk: pvk, pan: number, table: decimalization, pin: pin))
    }

    private static var sealVersion: UInt8 { 1 }

    /// The PAN for a record, by AES-256-GCM with a random nonce: version, nonce, ciphertext and tag.
    public func sealPAN(_ pan: PAN) -> [UInt8] {
        let nonce = RandomBytes.bytes(AuthenticatedCipher.nonceCount)
        let header = [Self.sealVersion]
        return header + nonce + panCipher.seal(plaintext: pan.ascii, nonce: nonce, associatedData: header)
    }

    /// - Returns: nil when the bytes are not a PAN that this module sealed.
    public func openPAN(_ sealed: [UInt8]) -> PAN? {
        guard sealed.count > 1 + AuthenticatedCipher.nonceCount, sealed[0] == Self.sealVersion else { return nil }
        let nonce = Array(sealed[1..<1 + AuthenticatedCipher.nonceCount])
        let body = Array(sealed[(1 + AuthenticatedCipher.nonceCount)...])
        return panCipher.open(body, nonce: nonce, associatedData: [Self.sealVersion]).flatMap { PAN(ascii: $0) }
    }

    /// The identity and keys of a terminal's module.
    ///
    /// - Parameter firstCounter: the first transaction counter to use. When a terminal is personalised again under the
    ///   same key set, one above the highest the host has seen of it; better a new key set.
    /// - Parameter supplier: pinned: the public key that the module verifies its own and the POS application's software with.
    public func provision(
        _ keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32 = 1,
        supplier: P256PublicKey? = nil
    ) -> ModuleProvisioning {
        var provisioning = ModuleProvisioning(
            keys: keys, serial: serial, firmware: firmware, firstCounter: firstCounter, supplier: supplier,
            hostKey: masters.journalOpener().publicKey, signer: masters.keyLoadingSigner().publicKey)
        do throws(KeyBlockError) {
            try provisioning.add(masters.initialKey(keys), as: .initial)
            try provisioning.add(masters.healthKey(keys), as: .health)
            try provisioning.add(masters.leaseKey(keys), as: .lease)
            try provisioning.add(masters.auditRoot(keys), as: .auditRoot)
            try provisioning.add(masters.journalKey(JournalIdentity(keys, serial: serial)), as: .journal)
        } catch {
            // Cannot happen: the headers are the module's own, and derived keys are neither weak nor of another length.
            preconditionFailure("a key block could not be written: \(error)")
        }
        return provisioning
    }
}
