// SPDX-License-Identifier: Apache-2.0
import SecurityModule

/// A module's image in a file of a directory, `module.image`.
public struct DirectoryModuleStore: ModuleStore {
    private static let name = "module.image"
    private let directory: DurableDirectory

    /// Opens or makes the directory.
    public init(_ path: String) throws(HardwareError) { directory = try DurableDirectory(path) }

    init(_ directory: DurableDirectory) { self.directory = directory }

    public func image() throws(ModuleStoreError) -> [UInt8]? {
        do throws(HardwareError) { return try directory.bytes(Self.name) } catch { throw ModuleStoreError(error) }
    }

    public func store(image: [UInt8]) throws(ModuleStoreError) {
        do throws(HardwareError) { try directory.replace(Self.name, with: image) } catch {
            throw ModuleStoreError(error)
        }
    }
}

extension ModuleStoreError {
    fileprivate init(_ error: HardwareError) {
        // Safe: reading and replacing a file throws nothing else.
        if case .storage(let errno) = error { self.init(errno: errno) } else { self.init(errno: 0) }
    }
}
