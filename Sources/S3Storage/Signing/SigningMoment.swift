import RoomCore

/// A moment as signatures write it: `20130524T000000Z`.
struct SigningMoment: Equatable {
    let text: String

    init(_ moment: Timestamp) {
        let whole = Timestamp(seconds: moment.seconds).description
        text = whole.filter { $0 != "-" && $0 != ":" }
    }

    var day: String { String(text.prefix(8)) }
}

extension Timestamp {
    /// Reads the `Date` header (RFC 9110 section 5.6.7), `Fri, 24 May 2013 00:00:00 GMT`.
    init?(httpDate text: String) {
        let parts = text.split(separator: " ").map(String.init)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: parts[2]) else { return nil }
        let number = month + 1
        self.init("\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
