/// Makes prompts out of plain English words, the same for the same seed and index everywhere.
///
/// A prompt has as many words as tokens are wanted: most tokenizers take such a word behind a
/// space as one token, a chat template adds its own; how many there were is in the engine's usage.
/// The first three words count the index, so that no two requests share a prefix and no prefix
/// cache can help.
package struct PromptSource: Sendable {
  private let seed: UInt64
  private let wordCount: Int

  /// Makes a source of prompts of about `inputTokens` tokens, at least 1.
  package init(seed: UInt64, inputTokens: Int32) {
    self.seed = seed
    wordCount = max(1, Int(inputTokens))
  }

  /// The prompt of one request; warm-up requests of a segment have prompts of their own.
  package func prompt(index: UInt32, warmupOfSegment segment: UInt32? = nil) -> String {
    let stream = segment.map { SplitMix64.mix(seed ^ (UInt64($0) + 1) << 32) } ?? seed
    var generator = SplitMix64(state: SplitMix64.mix(stream) ^ UInt64(index))
    var text = ""
    text.reserveCapacity(wordCount * 6)
    var count = UInt64(index)
    for place in 0..<wordCount {
      var choice = generator.next()
      if place < 3 {
        choice = count &+ SplitMix64.mix(stream &+ UInt64(place))
        count /= UInt64(words.count)
      }
      if place > 0 { text += " " }
      text += words[Int(choice % UInt64(words.count))]
    }
    return text
  }

  /// The sampling seed of one request, 31 bits so that every engine takes it.
  package func samplingSeed(index: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: SplitMix64.mix(seed ^ UInt64(index))) >> 1
  }
}

/// The generator of Steele, Lea and Flood (2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.finish(state)
  }

  static func mix(_ value: UInt64) -> UInt64 { finish(value &+ 0x9E37_79B9_7F4A_7C15) }

  private static func finish(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

private let words = """
  time year people way day man thing woman life child world school state family student group \
  country problem hand part place case week company system program question work government \
  number night point home water room mother area money story fact month lot right study book \
  eye job word business issue side kind head house service friend father power hour game line \
  end member law car city community name president team minute idea kid body information back \
  parent face others level office door health person art war history party result change \
  morning reason research girl guy moment air teacher force education foot boy age policy \
  music market food land river tree sun moon star road bridge garden window table chair paper \
  letter picture song voice color light shadow sound fire wind rain snow stone mountain ocean \
  island field forest animal bird fish horse dog cat farm village street corner train ship \
  plane wheel machine tool glass metal gold silver iron wood cotton silk bread milk sugar \
  salt coffee tea fruit apple orange king queen prince soldier doctor lawyer judge writer \
  artist player leader worker driver farmer hunter sister brother uncle cousin neighbor guest \
  crowd nation army navy peace battle victory danger courage hope dream love fear anger joy \
  pain luck chance choice plan rule order test score prize gift trade price cost value profit \
  loss bank store shop hotel church temple castle tower wall roof floor kitchen bed clock \
  watch phone camera radio screen map flag coat shirt shoe hat ring
  """.split(separator: " ").map(String.init)
