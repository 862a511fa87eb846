/// Why a data directory cannot be used, with what to do about it.
package enum DataDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    case notADirectory(String)
    case notWritable(path: String, reason: String)
    /// Another process serves it; its id when it wrote one down.
    case alreadyServed(path: String, pid: Int32?)
    case invalidSecretName(String)
    case secretTooLarge(name: String, limit: Int)
    case unreadable(path: String, reason: String)

    package var description: String {
        switch self {
        case .notADirectory(let path): "\(path) is not a directory: name another place for the data, or move it away"
        case .notWritable(let path, let reason):
            "\(path) cannot be written (\(reason)): give this user the right to write there, or name another place"
        case .alreadyServed(let path, let pid):
            "\(path) is served by \(pid.map { "process \($0)" } ?? "another process"): stop that one first, "
                + "or give this one a data directory of its own"
        case .invalidSecretName(let name): "\"\(name)\" is no name for a secret: use letters, digits, _ - . and ="
        case .secretTooLarge(let name, let limit): "the secret \(name) is larger than \(limit) bytes"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        }
    }
}
