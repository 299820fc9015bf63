import BenchmarkDomain
import Testing

@Suite("Ids")
struct IdentifierTests {
  @Test("a UUID of version 7 is the one of RFC 9562, appendix A.6")
  func published() {
    let time = WallTime(nanoseconds: 1_645_557_742_000 * 1_000_000)
    #expect(
      Identifier.uuidVersion7(at: time, random: (0xcc3, 0x18c4_dc0c_0c07_398f))
        == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }

  @Test("ids of later milliseconds order behind, and bits outside their fields change nothing")
  func order() {
    let early = Identifier.uuidVersion7(
      at: WallTime(nanoseconds: 1_999_999), random: (.max, .max))
    let late = Identifier.uuidVersion7(at: WallTime(nanoseconds: 2_000_000), random: (0, 0))
    #expect(early == "00000000-0001-7fff-bfff-ffffffffffff")
    #expect(late == "00000000-0002-7000-8000-000000000000")
    #expect(early < late)
    #expect(
      Identifier.uuidVersion7(at: WallTime(nanoseconds: -5), random: (0, 0)).hasPrefix("0000"))
  }
}
