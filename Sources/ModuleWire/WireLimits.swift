// SPDX-License-Identifier: Apache-2.0

/// What a frame may hold. Everything above is refused before anything is made of it.
public enum WireLimits {
    /// The version of the protocol; another one is refused at the introduction.
    public static let version: UInt8 = 1
    /// Bytes of a frame behind its length.
    public static let frameBytes = 1 << 20
    /// Commands, cards or keys of one frame.
    public static let batch = 256
    /// Bytes of a message; a host's frames from terminals have 4,096 at most.
    public static let messageBytes = 8_192
    /// Bytes of messages that a client puts into one frame.
    public static let batchBytes = 1 << 19
    /// Where a range may end. Whether it lies in its message is the module's to say: its verdict has a word for it.
    public static let rangeEnd: UInt32 = 1 << 20
    /// Data objects of a chip in one question.
    public static let chipObjects = 64
    /// Digits of an offset.
    public static let offsetDigits = 12
    /// Bytes of a zone's name.
    public static let zoneNameBytes = 64
    /// Bytes of a zone's key blocks, and of what is sealed for the module itself.
    public static let keyBlockBytes = 4_096
    /// Bytes that a nonce follows from.
    public static let contextBytes = 256
    /// Bytes of anything else: a sealed PAN, a wrapped key.
    public static let valueBytes = 1_024
    /// The key blocks of a terminal's module.
    public static let provisioningBytes = 4_096
    /// A certificate, and a token of TR-34 with the certificate and revocation list in it.
    public static let tokenBytes = 8_192
    /// ECDSA on P-256, `r ‖ s`.
    public static let signatureBytes = 64
    /// The check value of an AES key, and what is typed of a component's.
    public static let keyCheckBytes = 5
    public static let componentCheckBytes = 3
    /// `04 ‖ x ‖ y` on P-256.
    public static let publicKeyBytes = 65
    /// A public key in its short form.
    public static let compressedKeyBytes = 33
    /// A PIN block of ISO 9564-1 format 4.
    public static let pinBlockBytes = 16
    /// What a module is known by.
    public static let identityBytes = 16
}
