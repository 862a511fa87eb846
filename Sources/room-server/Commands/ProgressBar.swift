import Glibc

/// How far something is, in one line of a terminal; nothing where standard error is none.
struct ProgressBar: Sendable {
    private static let width = 40

    private let unit: String
    private let isShown = isatty(STDERR_FILENO) == 1

    init(_ unit: String) { self.unit = unit }

    func show(_ done: Int, of all: Int) {
        guard isShown, all > 0, done % max(1, all / 200) == 0 || done == all else { return }
        let filled = Self.width * done / all
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.width - filled)
        write("\r[\(bar)] \(done)/\(all) \(unit)", to: STDERR_FILENO)
    }

    func end() {
        guard isShown else { return }
        write("\r\u{1B}[K", to: STDERR_FILENO)
    }
}
