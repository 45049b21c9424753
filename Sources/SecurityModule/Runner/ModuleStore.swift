// SPDX-License-Identifier: Apache-2.0

/// Where a module's image lies. It is no secret: what is secret in it is sealed under the storage key.
public protocol ModuleStore {
    /// What was stored last; nil if nothing ever was.
    mutating func image() throws(ModuleStoreError) -> [UInt8]?

    /// Replaces the image whole: durable when it returns, and the one before stands when it throws.
    mutating func store(image: [UInt8]) throws(ModuleStoreError)
}

/// Why an image was not read or stored: the system's number.
public struct ModuleStoreError: Error, Equatable, Sendable {
    public let errno: Int32
    public init(errno: Int32) { self.errno = errno }
}

/// Why a module behind its hardware gives no reply.
public enum ModuleFailure: Error, Equatable, Sendable {
    case hardware(HardwareError)
    case store(ModuleStoreError)
    /// There is no image: the module is to be personalised.
    case notPersonalised
    /// The image is none, or not under the hardware's storage key.
    case imageRefused
    case provisioningRefused
    /// An earlier effect failed. What the module did since then is not durable: only a restart goes on.
    case stopped
}
