// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension CounterWindow {
    public func snapshot(to writer: inout ByteWriter) {
        writer.unsigned(highest)
        writer.word(seen)
    }

    public init(snapshot reader: inout ByteReader) throws(CodecError) {
        let highest: UInt32 = try reader.unsigned()
        self.init(highest: highest, seen: try reader.word())
    }
}

extension KSNWindow {
    public func snapshot(to writer: inout ByteWriter) {
        window.snapshot(to: &writer)
        for digest in digests { writer.word(digest) }
    }

    public init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let window = try CounterWindow(snapshot: &reader)
        var digests: [UInt64] = []
        for _ in 0..<CounterWindow.width { digests.append(try reader.word()) }
        guard let stored = KSNWindow(window: window, digests: digests) else {
            throw .invalid(offset: start, what: "KSN window")
        }
        self = stored
    }
}
