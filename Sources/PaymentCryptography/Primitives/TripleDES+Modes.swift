// SPDX-License-Identifier: Apache-2.0

extension TripleDES {
    /// CBC over whole blocks, in place.
    func cbc(_ data: UnsafeMutableRawBufferPointer, vector: UInt64 = 0, encrypting: Bool) {
        var chain = vector
        for offset in stride(from: 0, to: data.count, by: Self.blockBytes) {
            let block = data.word(at: offset)
            if encrypting {
                chain = encrypt(block ^ chain)
                data.setWord(chain, at: offset)
            } else {
                data.setWord(decrypt(block) ^ chain, at: offset)
                chain = block
            }
        }
    }
}
