// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ISO8583

/// Streams of every framing: however they are cut, the same frames or the same error come out, never more is held back
/// than one frame, and a frame written again is the bytes that were read.
@main
enum FramingFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let framing = Framing(
                input.element(Framing.Length.allCases), countsItself: input.byte() & 1 == 1,
                hasTPDU: input.byte() & 1 == 1, headerBytes: input.element([0, 0, 6, 12]),
                empty: input.byte() & 1 == 1 ? .keepAlive : .refused)
            let cuts = [1 + input.number(below: 16), 1 + input.number(below: 200)]
            let stream = input.rest()
            let whole = FramingFuzzer.read(stream, framing, step: max(1, stream.count))
            for step in cuts {
                hold(FramingFuzzer.read(stream, framing, step: step) == whole, "another cut, other frames")
            }
            FramingFuzzer.writeAgain(whole.frames, framing, stream)
            return 0
        }
    }

    struct Outcome: Equatable {
        var frames: [Frame] = []
        var error: FrameError?
    }

    private static func read(_ stream: [UInt8], _ framing: Framing, step: Int) -> Outcome {
        let maximum = framing.leadBytes + min(600, framing.messageBytesMax)
        var decoder = FrameDecoder(maximumLength: maximum, framing: framing)
        var outcome = Outcome()
        var offset = 0
        while offset < stream.count {
            let end = min(stream.count, offset + step)
            decoder.append(stream[offset..<end])
            offset = end
            do throws(FrameError) {
                while let frame = try decoder.nextFrame() { outcome.frames.append(frame) }
            } catch {
                outcome.error = error
                return outcome
            }
            hold(decoder.bufferedBytes < maximum + framing.prefixBytes, "more is held back than a frame")
        }
        return outcome
    }

    private static func writeAgain(_ frames: [Frame], _ framing: Framing, _ stream: [UInt8]) {
        var offset = 0
        for frame in frames {
            guard !frame.isKeepAlive else {
                offset += framing.prefixBytes
                continue
            }
            let written = framing.frame(frame.message, tpdu: frame.tpdu, header: frame.header)
            let read = stream[offset..<offset + written.count]
            offset += written.count
            // Session control and lower-case digits are read and not written.
            guard !frame.isSessionControl, framing.length != .hex4 else { continue }
            hold(read.elementsEqual(written), "another frame when written again")
        }
    }
}
