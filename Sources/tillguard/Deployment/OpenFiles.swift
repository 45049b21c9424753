// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A connection is a file, and many systems give a process 1,024 of them unless it asks.
enum OpenFiles {
    /// Asks for as many as the system allows.
    static func raiseLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
