/// Outgoing HTTP: sends requests side by side over kept connections.
///
/// Certificates are always verified; nothing but `http` and `https` is spoken; a cancelled task takes its request off the
/// wire. libcurl lives on one queue of its own (see ``TransferQueue``), so no caller's thread waits.
package final class HTTPFetcher: Sendable {
    private let transfers: TransferQueue

    package init(_ settings: FetchSettings = FetchSettings()) {
        transfers = TransferQueue(settings)
    }

    /// The answer, whatever its status, with its whole body.
    package func fetch(_ request: FetchRequest) async throws(FetchFault) -> FetchResponse {
        try await answer(to: request, onBody: nil)
    }

    /// The answer; the body of a 2xx one is given to `onBody` piece by piece and not kept, any other's is kept.
    ///
    /// - Parameter onBody: called on the fetcher's queue, in order; the bytes are lent for the call. It must be quick, for
    ///   all requests wait meanwhile. False ends the request with ``FetchFault/stoppedByReader``.
    package func stream(
        _ request: FetchRequest, onBody: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws(FetchFault) -> FetchResponse {
        try await answer(to: request, onBody: onBody)
    }

    private func answer(
        to request: FetchRequest, onBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    ) async throws(FetchFault) -> FetchResponse {
        let address = try request.checked()
        let cancellation = Cancellation()
        let result: Result<FetchResponse, FetchFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let order = TransferOrder(
                    request: request, address: address, cancellation: cancellation, onBody: onBody
                ) { continuation.resume(returning: $0) }
                transfers.submit(order)
            }
        } onCancel: {
            cancellation.request()
            transfers.wake()
        }
        return try result.get()
    }
}
