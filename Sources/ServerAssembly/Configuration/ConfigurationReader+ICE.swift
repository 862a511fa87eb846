/// The STUN and TURN servers that peers are told of.
extension ConfigurationReader {
    func readICE(into settings: inout Configuration) throws(ConfigurationFault) {
        settings.stunURLs = try urls("SLEAP_ROOMS_STUN_URLS", ["stun:", "stuns:"], "stun:stun.example.org:3478")
        settings.turnURLs = try urls("SLEAP_ROOMS_TURN_URLS", ["turn:", "turns:"], "turn:turn.example.org:3478")
        settings.turnSecret = try turnSecret()
        guard settings.turnURLs.isEmpty || settings.turnSecret != nil else {
            throw ConfigurationFault(
                "SLEAP_ROOMS_TURN_SECRET", "", "give the secret that the TURN servers know (coturn: static-auth-secret)"
            )
        }
    }

    private func urls(_ key: String, _ schemes: [String], _ example: String) throws(ConfigurationFault) -> [String] {
        let text = value(key) ?? ""
        let urls = text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
        let areGood = urls.allSatisfy { url in
            url.utf8.count <= 512 && schemes.contains { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }
        }
        guard areGood, urls.count <= 16 else {
            throw ConfigurationFault(key, text, "give up to 16 addresses such as \(example), parted by commas")
        }
        return urls
    }

    /// Line ends around it are the file's, not the secret's.
    private func turnSecret() throws(ConfigurationFault) -> String? {
        guard let text = try secret("SLEAP_ROOMS_TURN_SECRET") else { return nil }
        let secret = text.filter { !$0.isWhitespace }
        guard secret.utf8.count >= 16 else {
            throw ConfigurationFault("SLEAP_ROOMS_TURN_SECRET", "…", "give 16 characters or more, hard to guess")
        }
        return secret
    }
}
