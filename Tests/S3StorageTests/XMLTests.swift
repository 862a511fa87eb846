import Testing

@testable import S3Storage

@Suite struct XMLTests {
    private func read(_ text: String) throws -> XMLElement { try XMLElement(Array(text.utf8)) }

    @Test func anAnswerIsRead() throws {
        let root = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <s3:List xmlns:s3="http://x/" a='1'><!-- note --><Key>a&amp;b &#65;&#x42;</Key><Empty/><Key><![CDATA[<c>]]></Key>
            </s3:List>
            """)
        #expect(root.name == "List")
        #expect(root.all("Key").map(\.text) == ["a&b AB", "<c>"])
        #expect(root.text(of: "Empty") == "")
        #expect(root.first("Absent") == nil)
    }

    @Test(arguments: [
        "", " ", "<", "<a", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "<a b></a>", "<a b=c/>", "<a b='<'/>",
        "<a b='1'c='2'/>", "<a>&unknown;</a>", "<a>&amp</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#;</a>",
        "<a>&#+65;</a>", "<a>\u{01}</a>", "<a><!-- </a>", "<a><![CDATA[ </a>", "<1/>", "<>", "</a>", "<a b='1/>",
        "<a>&#99999999999;</a>",
    ])
    func whatIsNoXMLIsRefused(_ text: String) {
        #expect(throws: XMLFault.self) { try read(text) }
    }

    @Test func entitiesCannotBeDefined() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\">]><a>&x;</a>"
        #expect(throws: XMLFault.documentType) { try read(bomb) }
        #expect(throws: XMLFault.documentType) { try read("<a><!DOCTYPE b></a>") }
    }

    @Test func depthNumberAndSizeAreBounded() {
        let deep = String(repeating: "<a>", count: 1_000_000)
        #expect(throws: XMLFault.tooDeep) { try read(deep) }
        let wide = "<a>" + String(repeating: "<b/>", count: 50_001) + "</a>"
        #expect(throws: XMLFault.tooManyElements) { try read(wide) }
        #expect(throws: XMLFault.tooLong) { try XMLElement([UInt8](repeating: 0x20, count: 16 << 20 | 1)) }
    }

    @Test func brokenUTF8IsRefused() {
        #expect(throws: XMLFault.self) { try XMLElement(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }

    @Test func everyTruncationOfAnAnswerIsRefused() throws {
        let whole = Array("<L a=\"1\"><K>x&lt;y</K><!-- c --><K><![CDATA[z]]></K></L>".utf8)
        _ = try XMLElement(whole)
        for count in 0..<whole.count {
            #expect(throws: XMLFault.self) { try XMLElement(Array(whole.prefix(count))) }
        }
    }
}
