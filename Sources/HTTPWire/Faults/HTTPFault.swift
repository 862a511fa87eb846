/// Why a message was refused; after any of these the connection must close, because where the next message starts is no
/// longer certain.
///
/// The raw values are names for logs, metric labels and test vectors.
package enum HTTPFault: String, Error, Equatable, CaseIterable, Sendable {
    // Lines
    case bareLineFeed
    case bareCarriageReturn
    case controlByte
    case excessEmptyLines

    // The request line
    case malformedRequestLine
    case unservedVersion
    case targetTooLong
    case malformedTarget
    case targetFormRefused
    case tunnelRefused
    case malformedEscape
    case pathRefused

    // Fields
    case foldedField
    case malformedFieldName
    case headersTooLarge
    case tooManyHeaders
    case missingHost
    case repeatedHost
    case malformedHost
    case expectationRefused

    // Framing
    case malformedContentLength
    case repeatedContentLength
    case repeatedTransferEncoding
    case malformedTransferEncoding
    case unknownTransferCoding
    case transferEncodingBeforeHTTP11
    case conflictingFraming
    case lengthRequired

    // Bodies
    case bodyTooLarge
    case malformedChunkSize
    case chunkSizeOverflow
    case malformedChunkExtension
    case chunkLineTooLong
    case chunkExtensionsTooLarge
    case unterminatedChunk
    case trailersTooLarge

    // Responses, read by our own client
    case malformedStatusLine
    case statusLineTooLong
    case truncatedMessage
}
