import Glibc

/// Where the servers for tests are; nil for those that are not there.
enum TestRedis {
    static let plain = variable("SLEAP_ROOMS_TEST_REDIS")
    static let tls = variable("SLEAP_ROOMS_TEST_REDIS_TLS")
    static let caFile = variable("SLEAP_ROOMS_TEST_REDIS_CA")
    static let sentinel = variable("SLEAP_ROOMS_TEST_REDIS_SENTINEL")
    static let cluster = variable("SLEAP_ROOMS_TEST_REDIS_CLUSTER")

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
