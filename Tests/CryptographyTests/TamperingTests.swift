import Foundation
import Synchronization
import Testing

@testable import Cryptography

@Suite struct TamperingTests {
    /// Header, payload and signature alike: one other character anywhere and the token is no more.
    @Test func everyAlteredCharacterIsRefused() throws {
        let token = Array(try Forge.token().utf8)
        let keys = try Forge.keys
        for index in token.indices {
            for other in [UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "."), UInt8(ascii: "=")] {
                guard token[index] != other else { continue }
                var altered = token
                altered[index] = other
                #expect(throws: TokenFault.self) {
                    try JSONWebToken.verify(
                        String(decoding: altered, as: UTF8.self), keys: keys, expecting: Forge.expectation)
                }
            }
        }
    }

    /// A lax decoder would take sixteen spellings of the last character.
    @Test func theLastCharacterHasOneSpelling() throws {
        let token = try Forge.token()
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let good = try letters.filter { letter in
            do {
                _ = try Forge.verify(token.dropLast() + String(letter))
                return true
            } catch is TokenFault {
                return false
            }
        }
        #expect(good == String(token.suffix(1)))
    }

    @Test func everyCutIsRefused() throws {
        let token = try Forge.token()
        for count in 0..<token.count {
            #expect(throws: TokenFault.self) { try Forge.verify(String(token.prefix(count))) }
        }
    }

    @Test func partsOfTwoGoodTokensMakeNoGoodOne() throws {
        let first = try Forge.token().split(separator: ".")
        let second = try Forge.token(payload: Forge.payload.replacing("\"u\"", with: "\"root\"")).split(separator: ".")
        #expect(throws: TokenFault.signatureMismatch) {
            try Forge.verify("\(first[0]).\(second[1]).\(first[2])")
        }
    }

    @Test func oneKeyVerifiesOnManyThreads() throws {
        let good = try Forge.token()
        let bad = try Forge.token().split(separator: ".").prefix(2).joined(separator: ".") + ".AAAA"
        let keys = try Forge.keys
        let verdicts = Mutex((good: 0, bad: 0))
        let threads = DispatchGroup()
        for _ in 0..<16 {
            threads.enter()
            Thread.detachNewThread {
                for _ in 0..<25 {
                    let isGood = (try? JSONWebToken.verify(good, keys: keys, expecting: Forge.expectation)) != nil
                    let isBad = (try? JSONWebToken.verify(bad, keys: keys, expecting: Forge.expectation)) == nil
                    verdicts.withLock {
                        $0.good += isGood ? 1 : 0
                        $0.bad += isBad ? 1 : 0
                    }
                }
                threads.leave()
            }
        }
        threads.wait()
        #expect(verdicts.withLock { $0 } == (400, 400))
    }

    @Test func oneKeySignsOnManyThreads() throws {
        let key = try TestKeys.ours
        let signatures = Mutex(Set<[UInt8]>())
        let threads = DispatchGroup()
        for _ in 0..<8 {
            threads.enter()
            Thread.detachNewThread {
                for _ in 0..<4 {
                    guard let signature = try? key.signRS256([1, 2, 3]) else { continue }
                    signatures.withLock { _ = $0.insert(signature) }
                }
                threads.leave()
            }
        }
        threads.wait()
        let expected = try key.signRS256([1, 2, 3])
        #expect(signatures.withLock { $0 } == [expected], "RS256 is deterministic")
    }
}
