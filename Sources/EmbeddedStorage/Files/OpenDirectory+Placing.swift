import Glibc
import Synchronization

/// How a new file takes its name.
enum Placing {
    case replacing
    case ifAbsent
}

extension OpenDirectory {
    /// Puts a file under a name, whole and on the disk when it returns; false when the name was taken and had to be free.
    ///
    /// ```
    /// write @1234-7 in staging → fsync → rename (or link) to the name → fsync the directory
    /// ```
    /// A reader, and a crash at any step, finds the old file or the new one. What a crash leaves in `staging`,
    /// ``sweep()`` removes.
    func place(
        _ bytes: [UInt8], as name: String, mode: mode_t, _ placing: Placing, staging: borrowing OpenDirectory
    ) throws(FileFault) -> Bool {
        let staged = try staging.stagedFile(mode: mode)
        do throws(FileFault) {
            try staged.file.write(bytes)
            try staged.file.sync()
            let placed = try place(staged.name, as: name, placing, staging: staging)
            try sync()
            return placed
        } catch {
            _ = try? staging.removeFile(staged.name)
            throw error
        }
    }

    func place(
        _ staged: String, as name: String, _ placing: Placing, staging: borrowing OpenDirectory
    ) throws(FileFault) -> Bool {
        switch placing {
        case .replacing:
            guard renameat(staging.descriptor, staged, descriptor, name) == 0 else {
                throw FileFault("naming", "\(path)/\(name)")
            }
            return true
        case .ifAbsent:
            let linked = linkat(staging.descriptor, staged, descriptor, name, 0) == 0
            guard linked || errno == EEXIST else { throw FileFault("naming", "\(path)/\(name)") }
            try staging.removeFile(staged)
            return linked
        }
    }

    /// A new file under a name nobody else uses, locked for as long as it is written.
    func stagedFile(mode: mode_t) throws(FileFault) -> StagedFile {
        while true {
            let number = stagedCount.wrappingAdd(1, ordering: .relaxed).newValue
            let name = "\(stagedMark)\(getpid())-\(number)"
            guard let file = try newFile(name, mode: mode) else { continue }
            // Whoever sweeps may have caught the file before it was locked, and removed it.
            if try file.tryLock(), try file.status().st_nlink == 1 { return StagedFile(file: file, name: name) }
        }
    }

    /// Removes what writers left that are no more; what is being written is locked and stays.
    func sweep() throws(FileFault) {
        for name in try names() where name.hasPrefix(stagedMark) {
            guard let file = try file(name), try file.tryLock() else { continue }
            try removeFile(name)
        }
    }
}

/// Begins the names of unfinished files; the keys of blobs and secrets have no such character.
private let stagedMark = "@new-"
private let stagedCount = Atomic<Int>(0)

struct StagedFile: ~Copyable, Sendable {
    let file: OpenFile
    let name: String
}
