/// How much of everything a record may use.
package struct RecordLimits: Sendable {
    /// Writes and bytes that commit together at most.
    package var batchWrites = 512
    package var batchBytes = 8 << 20
    /// Bytes of one write.
    package var writeBytes = 64 << 20
    /// Writes, their bytes, and reads that may wait; one more is refused as unavailable.
    package var waitingWrites = 65_536
    package var waitingBytes = 256 << 20
    package var waitingReads = 65_536
    /// Connections that read.
    package var readers = 2
    /// How long to wait for another process that writes.
    package var busyMilliseconds = 5_000
    /// Pages of 4 KiB the write-ahead log grows to before they are written home.
    package var logPages = 4_000
    package var writeCacheKilobytes = 16_384
    package var readCacheKilobytes = 4_096
    /// Bytes of the file read through a memory map; a disk error then kills the process, so none unless asked.
    package var mappedBytes = 0

    package init() {}
}
