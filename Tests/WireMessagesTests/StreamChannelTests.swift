import RoomCore
import Testing
import WireMessages

@Suite struct StreamChannelTests {
    @Test(arguments: ["worker:gpu-1", "worker:worker:x", "worker:a/b", "job_1a2b3c4d", "job_0123456789abcdef.1"])
    func aNameReadsAsItWasWritten(_ name: String) throws {
        #expect(try #require(StreamChannel(name)).name == name)
    }

    @Test(arguments: ["", "worker:", "worker:\u{e9}", "a b", "a:b", "job/1", "a\n", String(repeating: "a", count: 129)])
    func otherNamesAreNone(_ name: String) { #expect(StreamChannel(name) == nil) }

    @Test func aPlaceReadsAsItWasWritten() throws {
        let place = StreamPlace(buffer: "5f0c9a1e2b3d4c6f", number: 17)
        #expect(StreamPlace(place.description) == place)
        for text in ["", "17", "a.", "a.b", "a.-1", "a.1.2", String(repeating: "a", count: 80) + ".1"] {
            #expect(StreamPlace(text) == nil, "\(text)")
        }
    }

    @Test func anEventIsTwoLinesAndABlankOne() throws {
        let event = try #require(
            StreamEvent.stamped(Array("{\n\"a\": \"x\\ny\"}".utf8), at: Timestamp(microseconds: 1_500_000)))
        let lines = StreamEvent.lines(event, at: StreamPlace(buffer: "b", number: 1))
        #expect(String(decoding: lines, as: UTF8.self) == "id: b.1\ndata: {\"a\":\"x\\ny\",\"_ts\":1.5}\n\n")
        #expect(StreamEvent.stamped(Array("[1]".utf8), at: Timestamp(seconds: 1)) == nil)
    }
}
