package import BenchmarkDomain

/// llama-server's flags for a configuration. Equal flags mean that a running server fits.
package struct LlamaServerFlags: Sendable, Hashable {
  /// Weights.
  package let file: String
  /// Name under which the model is served.
  package let alias: String
  /// Requests that are decoded together; further ones wait.
  package let slots: Int
  /// Tokens of the KV cache, shared out among the slots.
  package let contextTokens: Int
  /// Threads for decoding and for prompts.
  package let threads: Int

  /// Works the flags out.
  ///
  /// There are as many slots as the configuration's largest batch, or as requests in flight when
  /// it names none. A slot has room for twice the prompt (words are not quite tokens), the answer
  /// and a chat template.
  package init(configuration: Configuration, file: String, threads: Int) {
    let workload = configuration.workload
    let slots = Int(max(1, workload.maxBatch > 0 ? workload.maxBatch : workload.concurrency))
    let needed = 2 * Int(workload.inputTokens) + Int(workload.outputTokens) + 128
    self.file = file
    self.alias = configuration.modelID
    self.slots = slots
    self.contextTokens = slots * ((needed + 255) / 256 * 256)
    self.threads = max(1, threads)
  }

  /// The command line behind the program's name.
  ///
  /// No prompt is cached, in slots or in memory, for cached prompts would not be measured.
  package func arguments(port: UInt16) -> [String] {
    [
      "--model", file, "--alias", alias, "--host", "127.0.0.1", "--port", "\(port)",
      "-np", "\(slots)", "-c", "\(contextTokens)", "-t", "\(threads)", "-tb", "\(threads)",
      "--no-cache-prompt", "--cache-ram", "0", "--no-webui",
    ]
  }
}
