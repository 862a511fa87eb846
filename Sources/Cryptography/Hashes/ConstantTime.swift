import COpenSSL

/// True when both are the same bytes, in a time that depends on their lengths alone.
///
/// Lengths are no secret here: tags and hashes have one length, and a secret's length is printed in its documentation.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// The same for the UTF-8 of two texts. Unlike `==` it does not take canonically equivalent texts for equal.
package func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(Array(left.utf8), Array(right.utf8))
}
