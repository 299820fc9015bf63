package import BenchmarkDomain
import Storage

/// Turns a matrix into a run with its batches and executions.
package struct RunPlanner: Sendable {
  let plane: ControlPlane

  /// Makes a planner on a control plane.
  package init(plane: ControlPlane) { self.plane = plane }

  /// Says what a matrix would make; throws `MatrixError`.
  ///
  /// Walking over a matrix takes seconds when it is large: not on a connection's loop.
  package func preview(_ matrix: Matrix, sampleSize: Int) async throws -> MatrixPreview {
    try await withTaskExecutorPreference(globalConcurrentExecutor) {
      try await previewed(matrix, sampleSize: sampleSize)
    }
  }

  private func previewed(_ matrix: Matrix, sampleSize: Int) async throws -> MatrixPreview {
    let catalog = try await referenced(by: matrix)
    try matrix.validate(against: catalog.references)
    return try matrix.preview(catalog.feasibility, sampleSize: sampleSize)
  }

  /// Stores a run of every feasible configuration; throws `MatrixError`, `failedPrecondition` when
  /// nothing of the matrix can run, and `alreadyExists` when the caller's id stands for another.
  package func create(_ request: RunRequest) async throws -> Run {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try await created(request) }
  }

  private func created(_ request: RunRequest) async throws -> Run {
    let catalog = try await referenced(by: request.matrix)
    try request.matrix.validate(against: catalog.references)
    let preview = try request.matrix.preview(catalog.feasibility)
    guard preview.feasibleCount > 0 else { throw Self.nothingCanRun(preview) }
    guard preview.configurationCount <= Int64(plane.settings.maximumConfigurations) else {
      throw StorageError(
        .invalid, "a run has at most \(plane.settings.maximumConfigurations) configurations")
    }
    let plans = Matrix.batches(try request.matrix.feasibleConfigurations(catalog.feasibility))
    var run = makeRun(request, preview, batchCount: plans.count)
    if run.requestID != nil { run.requestDigest = request.digest }
    var batches: [Batch] = []
    var executions: [Execution] = []
    for (index, plan) in plans.enumerated() {
      let batch = makeBatch(plan, index, run)
      batches.append(batch)
      executions += makeExecutions(plan, batch, run)
    }
    let stored = try await plane.runs.create(run, batches: batches, executions: executions)
    await plane.signals.publish(.work)
    return stored
  }

  private func makeRun(_ request: RunRequest, _ preview: MatrixPreview, batchCount: Int) -> Run {
    Run(
      id: plane.makeID(), name: request.runName,
      requestID: request.requestID.isEmpty ? nil : request.requestID,
      requestsPerConfiguration: request.requestCount,
      warmupRequests: request.warmupRequests,
      // SQLite's integers have a sign: seeds stay below it.
      seed: request.seed == 0 ? UInt64.random(in: 1...UInt64(Int64.max)) : request.seed,
      configurationCount: preview.feasibleCount,
      infeasibleCount: preview.configurationCount - preview.feasibleCount,
      batchCount: Int32(batchCount), createdAt: plane.clock())
  }

  private func makeBatch(_ plan: BatchPlan, _ index: Int, _ run: Run) -> Batch {
    Batch(
      id: plane.makeID(), runID: run.id, index: Int32(index), modelID: plan.stem.modelID,
      hardwareID: plan.stem.hardwareID, engineID: plan.stem.engineID,
      quantizationID: plan.stem.quantizationID,
      configurationCount: Int32(plan.configurations.count))
  }

  private func makeExecutions(_ plan: BatchPlan, _ batch: Batch, _ run: Run) -> [Execution] {
    plan.configurations.enumerated().map { index, configuration in
      Execution(
        id: plane.makeID(), runID: run.id, batchID: batch.id, index: Int32(index),
        configuration: configuration, requestCount: run.requestsPerConfiguration)
    }
  }

  private static func nothingCanRun(_ preview: MatrixPreview) -> StorageError {
    let reasons = preview.infeasible.map { "\($0.count): \($0.explanation)" }
    return StorageError(
      .failedPrecondition,
      "none of the \(preview.configurationCount) configurations can run; "
        + reasons.joined(separator: "; "))
  }
}

extension RunPlanner {
  /// What the catalog knows of the names in a matrix.
  private struct Referenced {
    var models: [Model] = []
    var hardware: [HardwareProfile] = []
    var engines: [Engine] = []
    // What else there is, for the message that names an unknown one.
    var otherModelIDs: [String] = []
    var otherHardwareIDs: [String] = []
    var otherEngineIDs: [String] = []

    var references: MatrixReferences {
      MatrixReferences(
        modelIDs: Set(models.map(\.id) + otherModelIDs),
        hardwareIDs: Set(hardware.map(\.id) + otherHardwareIDs),
        engineIDs: Set(engines.map(\.id) + otherEngineIDs))
    }

    var feasibility: Feasibility {
      Feasibility(models: models, hardware: hardware, engines: engines)
    }
  }

  private func referenced(by matrix: Matrix) async throws -> Referenced {
    // Its bounds first: a matrix of a million names asks the store for none of them.
    try matrix.validate()
    var found = Referenced()
    let models = Set(matrix.modelIDs + matrix.include.flatMap(\.modelIDs))
    for id in models {
      if let model = try await plane.catalog.model(id) { found.models.append(model) }
    }
    if found.models.count < models.count {
      found.otherModelIDs = try await plane.catalog.registeredModelIDs()
    }
    let hardware = Set(matrix.hardwareIDs + matrix.include.flatMap(\.hardwareIDs))
    for id in hardware {
      if let profile = try await plane.catalog.hardware(id) { found.hardware.append(profile) }
    }
    if found.hardware.count < hardware.count {
      found.otherHardwareIDs = try await plane.catalog.registeredHardwareIDs()
    }
    let engines = Set(matrix.engineIDs + matrix.include.flatMap(\.engineIDs))
    for id in engines {
      if let engine = try await plane.catalog.engine(id) { found.engines.append(engine) }
    }
    if found.engines.count < engines.count {
      found.otherEngineIDs = try await plane.catalog.registeredEngineIDs()
    }
    return found
  }
}
