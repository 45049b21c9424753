// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import Testing
import Vocabulary

/// A model that LightGBM or XGBoost trained, with what the library answers (`Scripts/model_vectors.py`).
struct ModelVectors {
    var text: [UInt8]
    var inputs: [[Double]]
    var margins: [Double]
    /// Each row's contributions, the bias last.
    var contributions: [[Double]]

    static let names = [
        "lightgbm-plain", "lightgbm-missing", "lightgbm-zero", "lightgbm-categories", "lightgbm-sigmoid",
        "lightgbm-forest", "lightgbm-leaf", "xgboost-plain", "xgboost-missing", "xgboost-categories",
    ]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/models")

    static func text(_ file: String) throws -> [UInt8] { try Array(Data(contentsOf: folder.appending(path: file))) }

    init(_ name: String) throws {
        let json = try JSON(parsing: try Self.text(name + ".vectors.json"))
        text = try Self.text(try #require(json["model"]?.string))
        inputs = try Self.rows(json["inputs"])
        margins = try Self.rows(.array([json["margins"] ?? .null]))[0]
        contributions = try Self.rows(json["contributions"])
    }

    private static func rows(_ json: JSON?) throws -> [[Double]] {
        try #require(json?.array).map { row in
            try #require(row.array).map { value in
                Double(bitPattern: try #require(UInt64(value.string ?? "", radix: 16)))
            }
        }
    }
}

/// What reading a text throws; nil when it does not.
func readingError(_ text: [UInt8]) -> RiskModelError? {
    do {
        _ = try RiskModel(reading: text)
        return nil
    } catch { return error }
}
