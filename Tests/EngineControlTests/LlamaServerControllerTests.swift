import BenchmarkDomain
import EngineControl
import Foundation
import HTTPClient
import Reactor
import Testing

/// llama-server itself is tried by the integration and by hand; here small scripts stand for it.
@Suite("llama-server controller")
struct LlamaServerControllerTests {
  private func configuration(
    _ quantization: String, concurrency: Int32 = 2, maxBatch: Int32 = 0
  ) -> Configuration {
    Configuration(
      modelID: "Owner/Small-Model", hardwareID: "cpu-x1", engineID: "llama.cpp",
      quantizationID: quantization,
      workload: Workload(
        inputTokens: 64, outputTokens: 32, concurrency: concurrency, maxBatch: maxBatch))
  }

  /// A folder with weights and a script as the engine.
  private func folder(
    script: String, _ body: (String, LlamaServerController.Settings, EventLoop) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "benchfront-engine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["small-model-q8_0.gguf", "Small-Model-F16.gguf", "other-q8_0.gguf", "notes.txt"] {
      try Data("weights".utf8).write(to: URL(filePath: folder + "/" + name))
    }
    let binary = folder + "/engine"
    try Data(("#!/bin/sh\n" + script).utf8).write(to: URL(filePath: binary))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
    let loop = try EventLoop(name: "client")
    var settings = LlamaServerController.Settings(
      binary: binary, models: ModelFolder(path: folder), logFolder: folder)
    settings.readyTimeout = .milliseconds(400)
    try await body(folder, settings, loop)
    loop.shutdown()
  }

  @Test("weights are found by model and quantization")
  func models() async throws {
    try await folder(script: "") { folder, settings, _ in
      let models = settings.models
      let quantizations = try models.quantizationIDs(modelID: "Owner/Small-Model")
      #expect(quantizations == ["fp16", "q8_0"])
      let file = try models.file(modelID: "small-model", quantizationID: "fp16")
      #expect(file == folder + "/Small-Model-F16.gguf")
      let error = #expect(throws: EngineError.self) {
        try models.file(modelID: "small-model", quantizationID: "q4_1")
      }
      #expect(error?.message.contains("small-model-q4_1.gguf") == true)
    }
  }

  @Test("flags follow the configuration: slots, room for each, no caches")
  func flags() {
    let flags = LlamaServerFlags(configuration: configuration("q8_0"), file: "f", threads: 1)
    #expect(flags.slots == 2 && flags.contextTokens == 2 * 512)
    #expect(
      flags.arguments(port: 9).joined(separator: " ")
        == "--model f --alias Owner/Small-Model --host 127.0.0.1 --port 9 -np 2 -c 1024 "
        + "-t 1 -tb 1 --no-cache-prompt --cache-ram 0 --no-webui")
    let batched = LlamaServerFlags(
      configuration: configuration("q8_0", maxBatch: 8), file: "f", threads: 2)
    #expect(batched.slots == 8 && batched.threads == 2 && batched != flags)
  }

  @Test("a crash during the start reports the log's end")
  func crash() async throws {
    try await folder(script: "echo loading weights; echo cannot load >&2; exit 3\n") {
      _, settings, loop in
      let controller = LlamaServerController(
        client: TransferClient(loop: loop), settings: settings)
      let error = await #expect(throws: EngineError.self) {
        try await controller.start(for: configuration("q8_0"))
      }
      #expect(error?.code == .crashed)
      #expect(
        error?.message.contains("it exited with status 3\nloading weights\ncannot load") == true)
    }
  }

  @Test("an engine that never becomes ready is ended, its children too")
  func neverReady() async throws {
    try await folder(
      script: "trap '' TERM\nsleep 1000 & echo $! >> $0.pids\necho $$ >> $0.pids\nwait\nwait\n"
    ) {
      folder, settings, loop in
      let controller = LlamaServerController(
        client: TransferClient(loop: loop), settings: settings)
      let error = await #expect(throws: EngineError.self) {
        try await controller.start(for: configuration("q8_0"))
      }
      #expect(error?.code == .notReady)
      let text = try String(contentsOfFile: folder + "/engine.pids", encoding: .utf8)
      let numbers = text.split(separator: "\n").compactMap { Int32($0) }
      #expect(numbers.count == 2)
      for number in numbers { #expect(await isGone(number)) }
    }
  }

  @Test("a program that is not there is named")
  func missing() async throws {
    try await folder(script: "") { folder, settings, loop in
      var settings = settings
      settings.binary = folder + "/nothing"
      let controller = LlamaServerController(
        client: TransferClient(loop: loop), settings: settings)
      let error = await #expect(throws: EngineError.self) {
        try await controller.start(for: configuration("q8_0"))
      }
      #expect(error?.code == .missing)
      #expect(error?.message.contains("No such file or directory") == true)
    }
  }

  @Test("an engine dies with the thread that started it")
  func parentDies() async throws {
    try await folder(script: "sleep 1000\n") { _, settings, loop in
      let own = try EventLoop(name: "owner")
      let child = try await ChildProcess.start(
        settings.binary, [], log: settings.logFolder + "/log", loop: own)
      #expect(await child.currentEnding() == nil)
      own.shutdown()
      #expect(await isGone(child.processID))
    }
  }

  /// A process that has ended, reaped or not.
  private func isGone(_ number: Int32) async -> Bool {
    for _ in 0..<200 {
      guard let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else {
        return true
      }
      if status.contains(") Z ") { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}
