// SPDX-License-Identifier: Apache-2.0
import Glibc

/// libFuzzer's own loop, which calls back with one input after another.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Runs libFuzzer with the program's arguments over `test`, which traps where something does not hold.
public func fuzz(_ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runDriver(&count, &arguments, test)
}

/// Says what does not hold and stops, so that libFuzzer keeps the input.
public func hold(_ condition: Bool, _ reason: StaticString) {
    if !condition { stop(reason) }
}

/// Says what went wrong and stops.
public func stop(_ reason: StaticString) -> Never {
    write(2, reason.utf8Start, reason.utf8CodeUnitCount)
    write(2, "\n", 1)
    abort()
}

/// An input that is eaten byte by byte: zeros when it is eaten up.
public struct FuzzInput {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    public init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    public var isEmpty: Bool { offset >= bytes.count }

    public mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        offset += 1
        return bytes[offset - 1]
    }

    public mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    public mutating func number(below bound: Int) -> Int {
        bound <= 256 ? Int(byte()) % bound : (Int(byte()) << 8 | Int(byte())) % bound
    }

    public mutating func element<T>(_ values: [T]) -> T { values[number(below: values.count)] }

    /// What is left.
    public mutating func rest() -> [UInt8] {
        defer { offset = bytes.count }
        return Array(bytes[min(offset, bytes.count)...])
    }
}
