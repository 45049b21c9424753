// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

/// A model as its file has it, with how its features lay where it was trained, and what reading both gave.
///
/// Whoever proposes one makes this value, and reads in doing so: the host's loop takes it as it is and never reads a long text
/// while transactions wait.
public struct ModelText: Sendable {
    /// A scorecard, or a model of LightGBM or XGBoost; see `RiskModel`.
    public let bytes: [UInt8]
    /// A `DriftReference` as JSON; empty where there is none.
    public let drift: [UInt8]
    /// Nil for a text that came out of a record and was not read yet.
    private var reading: Reading?

    /// Longer texts are refused.
    public static let bytesMax = 8 << 20
    public static let driftBytesMax = 1 << 20

    private enum Reading: Sendable {
        case read(RiskModel, DriftReference?)
        case refused(RiskModelError)
    }

    public init(_ bytes: [UInt8], drift: [UInt8] = []) {
        (self.bytes, self.drift) = (bytes, drift)
        reading = Self.read(bytes, drift)
    }

    /// The model, and how its features lay.
    ///
    /// - Throws: why the text is none.
    public func read() throws(RiskModelError) -> (model: RiskModel, reference: DriftReference?) {
        switch reading ?? Self.read(bytes, drift) {
        case .read(let model, let reference): return (model, reference)
        case .refused(let error): throw error
        }
    }

    /// The same text, read.
    var afterReading: ModelText { reading == nil ? ModelText(bytes, drift: drift) : self }

    private static func read(_ bytes: [UInt8], _ drift: [UInt8]) -> Reading {
        do throws(RiskModelError) {
            guard bytes.count <= bytesMax else { throw RiskModelError(.tooLarge, "text") }
            guard drift.count <= driftBytesMax else { throw RiskModelError(.tooLarge, "tillguard-drift") }
            let model = try RiskModel(reading: bytes)
            let reference = drift.isEmpty ? nil : try DriftReference(reading: drift)
            let names = reference?.columns.map(\.name) ?? []
            // The score comes last; each feature before it is one that the model asks for.
            for name in names.dropLast() where !model.featureNames.contains(name) {
                throw RiskModelError(.missing, name)
            }
            guard names.isEmpty || names.last == DriftReference.score else {
                throw RiskModelError(.missing, DriftReference.score)
            }
            return .read(model, reference)
        } catch { return .refused(error) }
    }

    func encode(to writer: inout ByteWriter) {
        writer.sized(bytes)
        writer.sized(drift)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        bytes = try reader.sized()
        drift = try reader.sized()
    }
}

/// The same texts are the same model.
extension ModelText: Equatable {
    public static func == (left: ModelText, right: ModelText) -> Bool {
        left.bytes == right.bytes && left.drift == right.drift
    }
}
