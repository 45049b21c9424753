// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A recording's bytes in pieces; a gzip file is unpacked by the system's own `gzip` on the way.
final class RecordedFile {
    let path: String
    private let input: FileHandle
    private let unpacking: (process: Process, complaints: Pipe)?

    static let chunkBytes = 256 * 1_024
    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]

    /// - Throws: `ReplayError.noFile`, `.unreadable`.
    init(path: String) throws(ReplayError) {
        self.path = path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw .noFile(path) }
        guard !isDirectory.boolValue else { throw .unreadable(path, why: "is a directory") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path, why: String(cString: strerror(errno)))
        }
        let magic = (try? handle.read(upToCount: 2)) ?? Data()
        do { try handle.seek(toOffset: 0) } catch { throw .unreadable(path, why: "must be a file, not a pipe") }
        guard Array(magic) == Self.gzipMagic else {
            input = handle
            unpacking = nil
            return
        }
        let process = Process()
        let output = Pipe()
        let complaints = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc"]
        process.standardInput = handle
        process.standardOutput = output
        process.standardError = complaints
        do { try process.run() } catch { throw .unreadable(path, why: "gzip cannot be started: \(error)") }
        input = output.fileHandleForReading
        unpacking = (process, complaints)
    }

    deinit { close() }

    /// The next bytes; nil at the end.
    /// - Throws: `ReplayError.unreadable`, also for a gzip file that is cut off or damaged.
    func next() throws(ReplayError) -> [UInt8]? {
        let data: Data?
        do { data = try input.read(upToCount: Self.chunkBytes) } catch {
            throw .unreadable(path, why: "\(error.localizedDescription)")
        }
        if let data, !data.isEmpty { return Array(data) }
        guard let (process, complaints) = unpacking else { return nil }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = (try? complaints.fileHandleForReading.readToEnd()).map { String(decoding: $0, as: UTF8.self) }
            let line = said?.split(separator: "\n").first.map(String.init) ?? "gzip failed"
            throw .unreadable(path, why: line)
        }
        return nil
    }

    /// Ends the unpacking, if it is still going on.
    func close() {
        try? input.close()
        guard let (process, _) = unpacking, process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// How many lines the file has, the last one also without an end of line.
    static func lines(in path: String) throws(ReplayError) -> Int {
        let file = try RecordedFile(path: path)
        var count = 0
        var last: UInt8 = 0x0A
        while let bytes = try file.next() {
            for byte in bytes where byte == 0x0A { count += 1 }
            last = bytes[bytes.count - 1]
        }
        return last == 0x0A ? count : count + 1
    }
}
