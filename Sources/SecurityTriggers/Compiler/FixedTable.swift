// SPDX-License-Identifier: Apache-2.0

/// A table that never changes, in memory of its own: reading it asks for no count, as an array's element may.
///
/// The elements are good as long as somebody holds the table.
final class FixedTable<Element: Sendable>: @unchecked Sendable {
    // Safe to share: written here and never again.
    let elements: UnsafeBufferPointer<Element>
    private let memory: UnsafeMutableBufferPointer<Element>

    init(_ array: [Element]) {
        memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
        _ = memory.initialize(from: array)
        elements = UnsafeBufferPointer(memory)
    }

    deinit {
        memory.deinitialize()
        memory.deallocate()
    }
}

/// Where the tables of a rule program lie: good as long as somebody holds the program.
struct RuleTables: BitwiseCopyable, @unchecked Sendable {
    // Safe to share: pointers to what never changes.
    let heads: UnsafeBufferPointer<RuleHead>
    let code: UnsafeBufferPointer<Instruction>
    let constants: UnsafeBufferPointer<FigureValue>
    let steps: UnsafeBufferPointer<ScanStep>
    let walks: ScanWalks
    /// The conditions as graphs.
    let nodes: UnsafeBufferPointer<ConditionNode>
    /// The velocities that the steps find, a bit for each.
    let planned: UInt32
    /// How many kinds of things they tell apart.
    let distinctKinds: Int
}
