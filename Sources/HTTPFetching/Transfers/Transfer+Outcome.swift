import CCurl
import Glibc

extension Transfer {
    /// The answer, or why there is none.
    func outcome(_ code: CURLcode) -> Result<FetchResponse, FetchFault> {
        if code == CURLE_OK { return .success(FetchResponse(status: status, headers: headers, body: body)) }
        return .failure(stop ?? fault(code))
    }

    /// libcurl's code in our words; its own message is left out, for it may tell the address
    /// (https://curl.se/libcurl/c/libcurl-errors.html).
    private func fault(_ code: CURLcode) -> FetchFault {
        let host = order.address.host
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            return .badRequest("the address is not one of http or https")
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            return .unreachable(host: host, reason: reason(code))
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(host: host)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER:
            return .untrusted(host: host, reason: reason(code))
        case CURLE_SSL_CONNECT_ERROR: return .unreachable(host: host, reason: reason(code))
        case CURLE_TOO_MANY_REDIRECTS: return .tooManyRedirects(host: host)
        default: return .brokenOff(host: host, reason: reason(code))
        }
    }

    private func reason(_ code: CURLcode) -> String {
        var systemCode = 0
        shim_curl_easy_getinfo_long(easy, CURLINFO_OS_ERRNO, &systemCode)
        let sentence = String(cString: curl_easy_strerror(code))
        guard systemCode != 0, let text = strerror(Int32(truncatingIfNeeded: systemCode)) else { return sentence }
        return "\(sentence): \(String(cString: text))"
    }
}
