import Cryptography
import HTTPFetching
import RoomCore

/// When a put is to happen.
enum PutCondition: Sendable, Equatable {
    case always
    case ifAbsent
    /// The ETag as the server wrote it.
    case ifMatches(String)
}

/// What HEAD tells of an object.
struct ObjectHead: Sendable, Equatable {
    let size: Int
    let tag: String
    /// Of the whole object, in hex; nil where the store keeps none.
    let sha256: Digest?
    /// Who wrote it, where it was written under a condition.
    let attempt: String?
}

extension S3Client {
    /// Marks each conditional put, so that one whose answer was lost is known again.
    static let attemptHeader = "x-amz-meta-attempt"

    /// The new ETag.
    func put(
        _ bytes: [UInt8], at key: String, _ condition: PutCondition = .always, attempt: String? = nil
    ) async throws(S3Fault) -> String {
        var call = S3Call(method: .put, key: key, body: bytes, isLarge: true)
        call.headers = [("x-amz-checksum-sha256", Base64.encode(SHA256.digest(bytes)))]
        switch condition {
        case .always: break
        case .ifAbsent: call.headers.append(("if-none-match", "*"))
        case .ifMatches(let tag): call.headers.append(("if-match", tag))
        }
        if let attempt { call.headers.append((Self.attemptHeader, attempt)) }
        return try await perform(call).tag()
    }

    /// Nil when there is no such object.
    func get(_ key: String, range: ClosedRange<Int>? = nil) async throws(S3Fault) -> (bytes: [UInt8], tag: String)? {
        var call = S3Call(method: .get, key: key, responseLimit: settings.sizeLimit, isLarge: true)
        call.headers = [("x-amz-checksum-mode", "ENABLED")]
        if let range { call.headers.append(("range", "bytes=\(range.lowerBound)-\(range.upperBound)")) }
        guard let answer = try await found(call) else { return nil }
        let bytes = answer.response.body
        if range == nil, let known = Self.wholeChecksum(answer.response), known.text != SHA256.hex(bytes) {
            throw .damaged(key: key)
        }
        return (bytes, try answer.tag())
    }

    func head(_ key: String) async throws(S3Fault) -> ObjectHead? {
        var call = S3Call(method: .head, key: key)
        call.headers = [("x-amz-checksum-mode", "ENABLED")]
        guard let answer = try await found(call) else { return nil }
        guard let size = answer.response.header("Content-Length").flatMap({ Int($0) }), size >= 0 else {
            throw .unreadable("an object without Content-Length")
        }
        return ObjectHead(
            size: size, tag: try answer.tag(), sha256: Self.wholeChecksum(answer.response),
            attempt: answer.response.header(Self.attemptHeader))
    }

    /// The size and SHA-256 of an object, read piece by piece.
    func digest(of key: String) async throws(S3Fault) -> (size: Int, sha256: Digest)? {
        let reading = CurrentReading()
        let call = S3Call(method: .get, key: key, isLarge: true)
        do throws(S3Fault) {
            _ = try await perform(call) { request throws(FetchFault) in
                let digest = reading.begin()
                return try await self.fetcher.stream(request) { digest.update($0) }
            }
        } catch {
            if error.refusal?.saysNoSuchKey == true { return nil }
            throw error
        }
        return reading.finish()
    }

    func delete(_ key: String) async throws(S3Fault) {
        _ = try await found(S3Call(method: .delete, key: key))
    }

    private func found(_ call: S3Call) async throws(S3Fault) -> S3Answer? {
        do throws(S3Fault) {
            return try await perform(call)
        } catch {
            if error.refusal?.saysNoSuchKey == true { return nil }
            if case .unreached(.responseTooLarge(_, let limit)) = error {
                throw .tooLarge(key: call.key ?? "", limit: limit)
            }
            throw error
        }
    }

    /// The checksum of an object in parts is one of its parts' checksums, ends in their number, and is left out.
    private static func wholeChecksum(_ response: FetchResponse) -> Digest? {
        guard response.header("x-amz-checksum-type").map({ $0 == "FULL_OBJECT" }) ?? true,
            let bytes = response.header("x-amz-checksum-sha256").flatMap({ Base64.decode($0) }), bytes.count == 32
        else { return nil }
        return Digest(Hexadecimal.encode(bytes))
    }
}
