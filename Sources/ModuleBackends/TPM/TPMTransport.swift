// SPDX-License-Identifier: Apache-2.0
import SecurityModule

/// The way to a TPM: one whole command out, one whole answer in.
public protocol TPMTransport: AnyObject {
    /// Whether nobody else speaks to this TPM, as with a simulator; `/dev/tpmrm0` has a resource manager.
    var isExclusive: Bool { get }

    /// - Returns: the bytes of the answer.
    /// - Throws: `.unavailable` when nothing comes in time, `.malformedAnswer` for one longer than its room.
    func exchange(
        _ command: UnsafeRawBufferPointer, into answer: UnsafeMutableRawBufferPointer
    ) throws(HardwareError) -> Int
}
