// SPDX-License-Identifier: Apache-2.0

extension MessageView {
    /// Everything that lint has to say about a message.
    public struct Lint: Sendable {
        /// The fields that could be read; nil when message type or bitmap could not.
        public var view: MessageView?
        /// All fields that the bitmap announces; those that `view` lacks could not be reached.
        public var announced: FieldSet
        /// What is wrong, in the order of the message, then what its rule finds.
        public var findings: [DecodeError]
        /// Where reading stopped; the message's length when all of it could be read.
        public var readBytes: Int
        /// Whether every announced field was read and nothing stands behind the last.
        public var isComplete = false
    }

    /// Reads as much of a message as can be read and collects everything that is wrong with it.
    public static func lint(_ bytes: [UInt8], spec: MessageSpec) -> Lint {
        var guessed = false
        let first = lint(bytes, spec, looksAhead: true, &guessed)
        // As strict reading does it: what no guess makes whole is reported as the guess has it.
        guard guessed, !first.findings.isEmpty else { return first.checked() }
        let second = lint(bytes, spec, looksAhead: false, &guessed)
        return (second.findings.isEmpty ? second : first).checked()
    }

    private static func lint(_ bytes: [UInt8], _ spec: MessageSpec, looksAhead: Bool, _ guessed: inout Bool) -> Lint {
        let span = bytes.span
        let compiled = spec.compiled
        var lint = Lint(view: nil, announced: FieldSet(), findings: [], readBytes: 0)
        var index: MessageIndex
        do throws(DecodeError) {
            index = try MessageIndex(head: span, compiled)
        } catch {
            lint.findings = [error]
            return lint
        }
        lint.announced = index.fields
        lint.readBytes = index.start
        var rest = index.fields
        index.fields = FieldSet()
        var position = 0
        while let field = rest.popFirst() {
            // Fields behind are needed where a layout depends on them, fields that were read to find the others.
            let read = index.fields
            index.fields = lint.announced
            let extent = lint.extent(of: field, span, compiled, &index, looksAhead: looksAhead, &guessed)
            index.fields = read
            guard let extent else { break }
            index.fields.insert(field)
            index.ends[position] = extent.end
            position += 1
            lint.readBytes = extent.end
        }
        if index.fields == lint.announced {
            let left = bytes.count - lint.readBytes
            lint.isComplete = left == 0
            if left > 0 {
                lint.findings.append(DecodeError(path: "", offset: lint.readBytes, kind: .trailingBytes(left)))
            }
            if let fault = index.layoutFault(span, compiled) { lint.findings.append(fault) }
        }
        if let rule = index.findRule(span, compiled) { index.rule = rule }
        lint.view = MessageView(bytes, spec: spec, index: index)
        return lint
    }

    fileprivate var presenceFindings: [DecodeError] {
        if rule == nil {
            return spec.compiled.head.refusesOtherMessages ? [DecodeError(0, at: 0, .unsupportedTransaction)] : []
        }
        let bitmap = spec.compiled.head.mtiBytes
        return missingFields().map { DecodeError($0, at: bitmap, .missingField) }
            + unexpectedFields().map { DecodeError($0, at: bitmap, .unexpectedField) }
    }
}

extension MessageView.Lint {
    /// With what the rule of a message finds that could be read whole.
    fileprivate func checked() -> MessageView.Lint {
        guard isComplete, let view else { return self }
        var lint = self
        lint.findings += view.presenceFindings
        return lint
    }

    /// Where a field lies; nil when nothing behind it can be found.
    fileprivate mutating func extent(
        of field: Int, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, _ index: inout MessageIndex,
        looksAhead: Bool, _ guessed: inout Bool
    ) -> FieldSpec.Extent? {
        guard var layout = compiled.fields[field] else {
            findings.append(DecodeError(field, at: readBytes, .unknownField))
            return nil
        }
        if layout.overlaySlot != 0 {
            layout = index.resolve(
                field, layout, bytes, compiled, at: readBytes, looksAhead: looksAhead, &guessed)
        }
        do throws(DecodeError) {
            let extent: FieldSpec.Extent
            do throws(DecodeError) {
                extent = try layout.measure(field, in: bytes, at: readBytes)
            } catch {
                guard !error.kind.isStructural else { throw error }
                // A length out of bounds is one that can be followed.
                findings.append(error)
                extent = try layout.measure(field, in: bytes, at: readBytes, limited: false)
            }
            do throws(DecodeError) {
                try layout.check(field, in: bytes, extent, compiled)
            } catch { findings.append(error) }
            return extent
        } catch {
            findings.append(error)
            return nil
        }
    }
}
