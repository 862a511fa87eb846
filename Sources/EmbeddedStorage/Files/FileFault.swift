import Glibc

/// A system call on a file that failed: what was tried, on what, and the system's reason.
struct FileFault: Error {
    let code: Int32
    let action: StaticString
    let subject: String

    /// Made right after the call; `errno` is read before the other arguments are worked out.
    init(code: Int32 = errno, _ action: StaticString, _ subject: String) {
        self.code = code
        self.action = action
        self.subject = subject
    }

    var reason: String {
        var buffer = [UInt8](repeating: 0, count: 128)
        let answer = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { start in
                strerror_r(code, start.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        return answer == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : "error \(code)"
    }

    var sentence: String { "\(action) \(subject): \(reason)" }
}
