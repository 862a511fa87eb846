/// Everything a request says before its body, checked and decoded.
package struct HTTPRequestHead: Sendable, Equatable {
    package let method: HTTPMethod
    /// The request target as it was sent.
    package let target: String
    /// The decoded segments of the path: `/` is `[]`, `/a` is `["a"]`, `/a/` is `["a", ""]`, `/a//b` is `["a", "", "b"]`.
    ///
    /// No segment is `.` or `..` or holds a slash, a backslash or a control byte, in plain or as an escape: such a target
    /// is refused rather than rewritten, so that no rule of an ingress can have been matched against another path.
    /// Empty for `OPTIONS *`.
    package let path: [String]
    package let query: HTTPQuery
    /// Host and port the request is for: from an absolute-form target, else from Host (RFC 9112, section 3.2.2); nil
    /// only for HTTP/1.0 without Host.
    package let authority: String?
    package let version: HTTPVersion
    package let fields: HTTPFields
    /// How the body is framed; never `untilClose`.
    package let body: HTTPBodyFraming
    /// True when the connection may serve another request after this one (RFC 9112, section 9.3).
    package let keepAlive: Bool

    init(_ line: HTTPRequestLine, fields: HTTPFields, framing: HTTPFramingFields) {
        method = line.method
        target = line.target.text
        path = line.target.path
        query = line.target.query
        authority = line.target.authority ?? fields.first("host")
        version = line.version
        self.fields = fields
        body = framing.body
        keepAlive = framing.keepAlive(line.version)
    }

    /// A head made by hand, as tests of routers and handlers need it; Host is not required here.
    package init(
        method: HTTPMethod, target: String, version: HTTPVersion = .http11, fields: HTTPFields = HTTPFields()
    ) throws(HTTPFault) {
        let bytes = Array(target.utf8)
        let target = try HTTPTarget(parsing: bytes, bytes.startIndex..<bytes.endIndex, method: method)
        let framing = try HTTPFramingFields(fields)
        try framing.check(method: method, version: version)
        self.init(HTTPRequestLine(method: method, target: target, version: version), fields: fields, framing: framing)
    }
}

extension HTTPRequestHead {
    /// True when the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1).
    ///
    /// Never for HTTP/1.0, which has no interim responses, nor when there is no body to wait for.
    package var expectsContinue: Bool {
        version == .http11 && body.hasBody && fields.contains(token: "100-continue", in: "expect")
    }

    /// True when the request asks to go on with `name`, such as `websocket` (RFC 9110, section 7.8).
    ///
    /// A request with a body is none: its body would be read as the first bytes of the other protocol. Nor is one of
    /// HTTP/1.0, where Upgrade must be ignored.
    package func isUpgrade(to name: String) -> Bool {
        version == .http11 && !body.hasBody
            && fields.contains(token: "upgrade", in: "connection") && fields.contains(token: name, in: "upgrade")
    }
}
