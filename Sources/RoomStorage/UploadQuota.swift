import RoomCore

/// What a room may use for files, and what it is known to use without its open uploads.
package struct UploadQuota: Sendable, Equatable {
    /// 0: no limit.
    package let bytes: Int
    /// 0: no limit.
    package let models: Int
    /// The room's other models that take up room in the store, with their bytes. One that also has an open upload
    /// counts once, with the larger number.
    package let standing: [ModelID: Int]

    package init(bytes: Int, models: Int, standing: [ModelID: Int]) {
        self.bytes = bytes
        self.models = models
        self.standing = standing
    }

    package func allows(_ use: RoomUse, and upload: Upload) -> Bool {
        let (sum, isTooMuch) = use.bytes.addingReportingOverflow(upload.bytes)
        return (bytes == 0 || (!isTooMuch && sum <= bytes)) && (models == 0 || use.models < models)
    }
}

/// What a room uses in the store, or has reserved.
package struct RoomUse: Sendable, Equatable {
    package let bytes: Int
    package let models: Int

    package init(bytes: Int, models: Int) {
        self.bytes = bytes
        self.models = models
    }
}

extension Upload {
    /// What it declares; a number that fits no disk stands for more.
    package var bytes: Int {
        files.reduce(0) { sum, file in
            let (next, isTooMuch) = sum.addingReportingOverflow(file.file.size)
            return isTooMuch ? .max : next
        }
    }
}
