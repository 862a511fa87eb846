import HTTPServing
import HTTPWire
import JSONWire
import RoomStorage

/// `PUT` and `GET /files/…`: model files at the addresses that this server sealed, where no other store serves them.
///
/// The seal is the only credential. Bytes go to the disk and come from it as they pass; a file is never held whole.
package struct FileRoutes: Sendable {
    private static let pieceBytes = 256 << 10

    private let files: any ServedFiles

    package init(_ files: any ServedFiles) { self.files = files }

    package func add(to router: inout Router) {
        router.onStreamed(.put, "/files/*key") { request, body in await put(request, body) }
        router.on(.get, "/files/*key") { request in await get(request) }
    }

    private func address(_ request: Request) -> AskedAddress {
        var query: [String: String] = [:]
        for item in request.head.query.pairs where query[item.name] == nil { query[item.name] = item.value }
        return AskedAddress(
            method: request.head.method.name, key: request.parameters["key"] ?? "", query: query)
    }

    private func refusal(_ fault: ServedFileFault) -> Response {
        switch fault {
        case .forged: .error(.forbidden, "This address was not made by this server, or was changed: ask for a new one")
        case .expired: .error(.forbidden, "This address has expired: send the same request again for a new one")
        case .notFound: .error(.notFound, "There is no such file")
        case .wrongSize(let expected, let found):
            .error(.badRequest, "The body has \(found) bytes; this address is for exactly \(expected)")
        case .wrongDigest: .error(.badRequest, "The SHA-256 of the body is not the one this address is for")
        case .store: .error(.serviceUnavailable, "The file store cannot be used just now; send it again")
        }
    }
}

// MARK: - In

extension FileRoutes {
    private func put(_ request: Request, _ body: RequestBody) async -> Response {
        let arrival: any FileArrival
        do throws(ServedFileFault) {
            arrival = try await files.receive(at: address(request))
        } catch {
            return refusal(error)
        }
        do {
            while let bytes = try await body.next() { try await arrival.write(bytes) }
            let tag = try await arrival.finish()
            return Response.empty(.ok).with("ETag", "\"\(tag.text)\"")
        } catch let fault as ServedFileFault {
            await arrival.cancel()
            return refusal(fault)
        } catch {
            await arrival.cancel()
            return .error(.badRequest, "The body ended too early; send it again")
        }
    }
}

// MARK: - Out

extension FileRoutes {
    private func get(_ request: Request) async -> Response {
        do throws(ServedFileFault) {
            let file = try await files.open(at: address(request))
            let tag = "\"\(file.tag.text)\""
            if request.head.fields.all("if-none-match").contains(tag) {
                return Response.empty(.notModified).with("ETag", tag)
            }
            switch ByteRange(request, size: file.size, tag: tag) {
            case .all:
                return Self.answer(.ok, file, 0..<file.size, tag)
            case .part(let range):
                return Self.answer(.partialContent, file, range, tag)
                    .with("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)")
            case .unsatisfiable:
                return Response.error(.rangeNotSatisfiable, "The file has \(file.size) bytes")
                    .with("Content-Range", "bytes */\(file.size)")
            }
        } catch {
            return refusal(error)
        }
    }

    private static func answer(
        _ status: HTTPStatus, _ file: any FileReading, _ range: Range<Int>, _ tag: String
    ) -> Response {
        let body = Response.Body.sized(range.count) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let bytes = try await file.read(from: offset, count: min(pieceBytes, range.upperBound - offset))
                // Cut off by somebody's hand: the connection ends short of its length.
                guard !bytes.isEmpty else { return }
                try await writer.write(bytes)
                offset += bytes.count
            }
        }
        var response = Response(status, body: body)
        response.fields.append("Content-Type", "application/octet-stream")
        response.fields.append("Accept-Ranges", "bytes")
        response.fields.append("ETag", tag)
        return response
    }
}

/// What a request asks of a file: one range of bytes (RFC 9110, section 14), or all of it.
///
/// Several ranges, other units and what cannot be read are answered with the whole file, as the section allows.
enum ByteRange: Equatable {
    case all
    case part(Range<Int>)
    case unsatisfiable

    init(_ request: Request, size: Int, tag: String) {
        let conditions = request.head.fields.all("if-range")
        let lines = request.head.fields.all("range")
        guard let line = lines.first, lines.count == 1, conditions.allSatisfy({ $0 == tag }) else {
            self = .all
            return
        }
        self.init(line, size: size)
    }

    init(_ line: String, size: Int) {
        self = .all
        guard line.utf8.count <= 64, line.lowercased().hasPrefix("bytes=") else { return }
        let spec = line.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard spec.count == 2 else { return }
        switch (Self.number(spec[0]), Self.number(spec[1])) {
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        case (let first?, nil) where spec[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (nil, let count?) where spec[0].isEmpty:
            self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        default: break
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
