import Testing

@testable import APIBindings

/// The failure that decoding ends in, or nil.
func failure<M: APIMessage>(_ type: M.Type, _ bytes: [UInt8]) -> DecodingFailure? {
  do throws(DecodingFailure) {
    _ = try M(decoding: bytes)
    return nil
  } catch {
    return error
  }
}

/// A length-delimited field.
func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
  precondition(content.count < 128)
  return [number << 3 | 2, UInt8(content.count)] + content
}

@Suite("decoding")
struct DecodingTests {
  let model = Model(
    id: "meta-llama/Llama-3.1-8B-Instruct", displayName: "Llama é 🚀", kind: .selfHosted,
    parameterCount: 8_030_261_248, layerCount: 32, contextLength: 131_072,
    createdAt: Timestamp(seconds: -1, nanos: 5))

  @Test("what was encoded decodes to the same value")
  func roundTrip() throws {
    #expect(try Model(decoding: model.encoded()) == model)
    #expect(Model().encoded() == [])
    #expect(try Model(decoding: []) == Model())
  }

  @Test("a view reads the fields without copying the message")
  func view() throws {
    let matrix = Matrix(
      name: "m", modelIds: ["a", "", "c"],
      workloads: [
        WorkloadPattern(name: "chat", inputTokens: [1, -1, 300], concurrency: []),
        WorkloadPattern(),
      ])
    let view = try matrix.encoded().withUnsafeBytes { try Matrix.decode($0) }
    #expect(view.name == "m")
    #expect(view.name.utf8Count == 1 && !view.name.isEmpty)
    #expect(view.modelIds.map(\.string) == ["a", "", "c"])
    #expect(Array(view.workloads[0].inputTokens) == [1, -1, 300])
    #expect(view.workloads[0].concurrency.isEmpty)
    #expect(view.workloads.count == 2 && view.workloads[1].name.isEmpty)
    #expect(view.value == matrix)
  }

  @Test("an absent message differs from an empty one")
  func presence() throws {
    let absent = try GetModelResponse(decoding: [])
    let empty = try GetModelResponse(decoding: field(1, []))
    #expect(absent.model == nil)
    #expect(empty.model == Model())
    #expect(empty.encoded() == field(1, []))
  }

  @Test("a oneof holds the last of its fields, and none when none came")
  func oneOf() throws {
    let header = ImportResultsRequest(part: .header(ImportHeader(format: "f")))
    let data = ImportResultsRequest(part: .data([]))
    #expect(try ImportResultsRequest(decoding: header.encoded() + data.encoded()) == data)
    #expect(try ImportResultsRequest(decoding: data.encoded() + header.encoded()) == header)
    #expect(try ImportResultsRequest(decoding: []).part == nil)
    let bound = Objective(metric: .ttft, bound: .atMost(0))
    #expect(try Objective(decoding: bound.encoded()) == bound)
  }

  @Test("bad UTF-8 names the field")
  func invalidUTF8() {
    for bad in [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8]] as [[UInt8]] {
      #expect(
        failure(GetModelRequest.self, field(1, bad))
          == DecodingFailure(field: "model_id", reason: .invalidUTF8))
    }
  }

  @Test("a NUL in a string names the field and its place in the lists")
  func containsNUL() {
    let workload = field(1, [0x61, 0, 0x62])
    let matrix = field(6, []) + field(2, [0x61]) + field(6, workload)
    let found = failure(PreviewMatrixRequest.self, field(1, matrix))
    #expect(found == DecodingFailure(field: "matrix.workloads[1].name", reason: .containsNUL))
    #expect(found?.description == "matrix.workloads[1].name contains a NUL character")
  }

  @Test("every cut of a message decodes or fails, and one within a field fails")
  func truncated() {
    let whole = model.encoded()
    for end in 0..<whole.count { _ = failure(Model.self, Array(whole[..<end])) }
    #expect(
      failure(GetModelRequest.self, [0x0a, 5, 0x61])
        == DecodingFailure(field: "model_id", reason: .truncated))
    #expect(failure(GetModelRequest.self, [0x8a])?.reason == .truncated)
  }

  @Test("numbers, lengths and tags that are too long are refused")
  func overlong() {
    let long = [UInt8](repeating: 0xff, count: 10) + [1]
    #expect(
      failure(Model.self, [5 << 3] + long)
        == DecodingFailure(field: "parameter_count", reason: .overlongNumber))
    #expect(failure(Model.self, [0x0a] + long)?.reason == .overlongNumber)
    #expect(failure(Model.self, long)?.reason == .overlongNumber)
    #expect(
      failure(WorkloadPattern.self, field(2, [0x80]))
        == DecodingFailure(field: "input_tokens[0]", reason: .truncated))
    #expect(failure(Model.self, [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])?.reason == .truncated)
  }

  @Test("groups, field 0 and wire types that do not exist are refused")
  func illegalTags() {
    for tag in [0x0b, 0x0c, 0x0e, 0x0f, 0x02] as [UInt8] {
      #expect(failure(GetModelRequest.self, [tag, 0])?.reason == .illegalTag, "tag \(tag)")
    }
  }

  @Test("unknown fields are skipped, at every depth")
  func unknownFields() throws {
    let unknown: [UInt8] =
      [0xf8, 0x07, 5] + [0xfa, 0x07, 2, 0xff, 0] + [0xf9, 0x07] + [1, 2, 3, 4]
    let inner = GetModelRequest(modelId: "x").encoded()
    let bytes = unknown + [5, 6, 7, 8] + inner
    #expect(try GetModelRequest(decoding: bytes).modelId == "x")
    let nested = field(1, unknown + [5, 6, 7, 8] + field(1, [0x61]))
    #expect(try GetModelResponse(decoding: nested).model?.id == "a")
  }

  @Test("a known field with another wire type counts as unknown")
  func wrongWireType() throws {
    #expect(try GetModelRequest(decoding: [0x08, 7] + field(1, [0x61])).modelId == "a")
    let nested = field(1, [0x08, 7] + field(5, [1]) + [0x30, 4])
    #expect(try GetModelResponse(decoding: nested).model == Model(layerCount: 4))
  }

  @Test("an enum keeps a number that it does not know")
  func unknownEnum() throws {
    for number in [99, -1, Int32.min, .max] {
      let request = ListModelsRequest(kind: .unrecognized(number))
      #expect(try ListModelsRequest(decoding: request.encoded()) == request)
    }
    #expect(ModelKind(rawValue: 2) == .hosted)
    #expect(ModelKind.known.map(\.rawValue) == [0, 1, 2])
  }

  @Test("repeated numbers are read packed and one by one")
  func packed() throws {
    let packed = field(2, [1, 2, 3])
    let single: [UInt8] = [0x10, 1, 0x10, 2, 0x10, 3]
    #expect(try WorkloadPattern(decoding: packed).inputTokens == [1, 2, 3])
    #expect(try WorkloadPattern(decoding: single).inputTokens == [1, 2, 3])
    #expect(WorkloadPattern(inputTokens: [1, 2, 3]).encoded() == packed)
  }

  @Test("a message that comes twice is merged, a number is the last")
  func merged() throws {
    let first = GetModelResponse(model: Model(id: "a", layerCount: 1)).encoded()
    let second = GetModelResponse(model: Model(layerCount: 2, license: "mit")).encoded()
    let merged = try GetModelResponse(decoding: first + second)
    #expect(merged.model == Model(id: "a", layerCount: 2, license: "mit"))
  }

  @Test("a NUL of ours is never cut at")
  func ownNUL() throws {
    let request = GetModelRequest(modelId: "a\0b")
    #expect(try GetModelRequest(decoding: request.encoded()).modelId == "a\u{FFFD}b")
  }
}
