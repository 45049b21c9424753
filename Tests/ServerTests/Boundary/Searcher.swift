// SPDX-License-Identifier: Apache-2.0
import Foundation

/// glibc's search, which its headers show to C with GNU extensions only.
@_silgen_name("memmem")
private func memmem(
    _ memory: UnsafeRawPointer, _ count: Int, _ part: UnsafeRawPointer, _ partCount: Int
) -> UnsafeMutableRawPointer?

/// Looks for markers in files and in the memory of other processes.
struct Searcher {
    var markers: [Marker]

    private static let windowBytes = 1 << 20
    /// Longer than any form.
    private static let overlapBytes = 256

    func sightings(in bytes: UnsafeRawBufferPointer, _ place: String) -> [Sighting] {
        guard let start = bytes.baseAddress else { return [] }
        return markers.flatMap { marker in
            marker.forms.compactMap { form in
                form.bytes.withUnsafeBytes { part in
                    part.baseAddress.flatMap { memmem(start, bytes.count, $0, part.count) }
                }.map { _ in Sighting(marker: marker.name, form: form.form, place: place) }
            }
        }
    }

    /// Every file of a directory, whatever is in it, with what of it is to be left out.
    func sightings(inFilesOf directory: String, leavingOut: (String) -> Bool = { _ in false }) throws -> [Sighting] {
        var found: [Sighting] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() where !leavingOut(name) {
            let path = directory + "/" + name
            // Sockets and directories have no contents; a file may have gone meanwhile.
            guard let file = try? Data(contentsOf: URL(filePath: path)) else { continue }
            found += file.withUnsafeBytes { sightings(in: $0, name) }
            found += Array(name.utf8).withUnsafeBytes { sightings(in: $0, "the name of \(name)") }
        }
        return found
    }

    /// All memory that a process has written to: heap, stacks, and what it has mapped for itself.
    ///
    /// - Returns: what was found, and how many bytes were looked at.
    func sightings(inMemoryOf process: Int32) throws -> (found: [Sighting], bytes: Int) {
        let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
        let memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { throw CocoaError(.fileReadNoPermission) }
        defer { close(memory) }
        var found: [Sighting] = []
        var looked = 0
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard words[1].hasPrefix("rw"), ends.count == 2 else { continue }
            let name = words.count > 5 ? String(words[5]) : "memory"
            let (part, count) = search(memory, ends[0]..<ends[1], name)
            for sighting in part where !found.contains(sighting) { found.append(sighting) }
            looked += count
        }
        return (found, looked)
    }

    private func search(_ memory: Int32, _ region: Range<UInt>, _ name: String) -> ([Sighting], Int) {
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.windowBytes, alignment: 16)
        defer { window.deallocate() }
        var found: [Sighting] = []
        var looked = 0
        var place = region.lowerBound
        while place < region.upperBound {
            let wanted = min(Self.windowBytes, Int(region.upperBound - place))
            let count = pread(memory, window.baseAddress, wanted, off_t(place))
            // A guard page, or one that has gone.
            guard count > 0 else { break }
            found += sightings(in: UnsafeRawBufferPointer(rebasing: window[..<count]), name)
            looked += count
            guard place + UInt(count) < region.upperBound else { break }
            place += UInt(max(1, count - Self.overlapBytes))
        }
        return (found, looked)
    }
}
