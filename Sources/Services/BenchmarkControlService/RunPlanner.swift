package import BenchmarkDomain
import Storage

/// Turns a matrix into a run with its batches and executions.
package struct RunPlanner: Sendable {
  let plane: ControlPlane

  /// Makes a planner on a control plane.
  package init(plane: ControlPlane) { self.plane = plane }

  /// Says what a matrix would make; throws `MatrixError`, and `PlanningOverload` when too many
  /// others wait for the same.
  package func preview(_ matrix: Matrix, sampleSize: Int) async throws -> MatrixPreview {
    let catalog = try await referenced(by: matrix)
    return try await plane.planning.run { checkpoint in
      try matrix.validate(against: catalog.references)
      return try matrix.preview(
        catalog.feasibility, sampleSize: sampleSize, checkpoint: checkpoint)
    }
  }

  /// Stores a run of every feasible configuration; throws what `preview` throws,
  /// `failedPrecondition` when nothing of the matrix can run, and `alreadyExists` when the caller's
  /// id stands for another.
  package func create(_ request: RunRequest) async throws -> Run {
    let catalog = try await referenced(by: request.matrix)
    let drafted = try await plane.planning.run { checkpoint in
      try draft(request, catalog, checkpoint: checkpoint)
    }
    // A caller who is gone would not hear of the run.
    try Task.checkCancellation()
    let stored = try await plane.runs.create(
      drafted.run, batches: drafted.batches, executions: drafted.executions)
    await plane.signals.publish(.work)
    return stored
  }

  private struct Draft {
    var run: Run
    var batches: [Batch] = []
    var executions: [Execution] = []
  }

  private func draft(
    _ request: RunRequest, _ catalog: Referenced, checkpoint: () throws -> Void
  ) throws -> Draft {
    try request.matrix.validate(against: catalog.references)
    let limit = plane.settings.maximumConfigurations
    let preview = try request.matrix.preview(
      catalog.feasibility, sampleSize: limit, limit: limit, checkpoint: checkpoint)
    guard preview.configurationCount <= Int64(limit) else {
      throw StorageError(.invalid, "a run has at most \(limit) configurations")
    }
    guard preview.feasibleCount > 0 else { throw Self.nothingCanRun(preview) }
    let plans = Matrix.batches(preview.samples)
    var draft = Draft(run: makeRun(request, preview, batchCount: plans.count))
    if draft.run.requestID != nil { draft.run.requestDigest = request.digest }
    for (index, plan) in plans.enumerated() {
      try checkpoint()
      let batch = makeBatch(plan, index, draft.run)
      draft.batches.append(batch)
      draft.executions += makeExecutions(plan, batch, draft.run)
    }
    return draft
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
  private struct Referenced: Sendable {
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
    try await plane.planning.run { _ in try matrix.validate() }
    var found = Referenced()
    let models = Set(matrix.modelIDs + matrix.include.flatMap(\.modelIDs))
    for id in models {
      try Task.checkCancellation()
      if let model = try await plane.catalog.model(id) { found.models.append(model) }
    }
    if found.models.count < models.count {
      found.otherModelIDs = try await plane.catalog.registeredModelIDs()
    }
    let hardware = Set(matrix.hardwareIDs + matrix.include.flatMap(\.hardwareIDs))
    for id in hardware {
      try Task.checkCancellation()
      if let profile = try await plane.catalog.hardware(id) { found.hardware.append(profile) }
    }
    if found.hardware.count < hardware.count {
      found.otherHardwareIDs = try await plane.catalog.registeredHardwareIDs()
    }
    let engines = Set(matrix.engineIDs + matrix.include.flatMap(\.engineIDs))
    for id in engines {
      try Task.checkCancellation()
      if let engine = try await plane.catalog.engine(id) { found.engines.append(engine) }
    }
    if found.engines.count < engines.count {
      found.otherEngineIDs = try await plane.catalog.registeredEngineIDs()
    }
    return found
  }
}
