package import Reactor

/// Calls to the servers of a target over connections that are made when needed and made again when
/// lost; it may be used from any thread.
package final class ClientChannel: Sendable {
  let core: ChannelCore

  /// A channel to `target`, such as `127.0.0.1:50051`, `dns:///host:50051` or `unix:/path`;
  /// `Target` says what else. Calls to one that cannot be read fail with `invalidArgument`.
  package init(
    target: String, loop: EventLoop, configuration: ClientConfiguration = ClientConfiguration()
  ) {
    core = ChannelCore(target: target, loop: loop, configuration: configuration)
  }

  deinit {
    let core = core
    core.loop.perform { core.close() }
  }

  /// The loop that the channel lives on.
  package var eventLoop: EventLoop { core.loop }

  /// Whether its servers can be called.
  package var connectivity: Connectivity {
    get async {
      let core = core
      return await withUnsafeContinuation { continuation in
        core.loop.perform { continuation.resume(returning: core.connectivity) }
      }
    }
  }

  /// Makes a unary call.
  ///
  /// - Throws: `RPCError`; cancelling the task ends the call with `cancelled`.
  package func unary(
    _ method: MethodDescriptor, _ message: [UInt8], options: CallOptions = CallOptions()
  ) async throws -> [UInt8] {
    let core = core
    let call = makeCall(method, options, isUnary: true)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        core.loop.perform { call.start(request: message, continuation) }
      }
    } onCancel: {
      core.loop.execute { call.cancel(RPCError(.cancelled, "the caller cancelled the call")) }
    }
  }

  /// Begins a call of any kind; it returns when the call has a connection.
  ///
  /// - Throws: `RPCError` when there is no connection, or the call was cancelled before.
  package func stream(
    _ method: MethodDescriptor, options: CallOptions = CallOptions()
  ) async throws -> ClientStream {
    let core = core
    let call = makeCall(method, options, isUnary: false)
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        core.loop.perform { call.start(continuation) }
      }
    } onCancel: {
      core.loop.execute { call.cancel(RPCError(.cancelled, "the caller cancelled the call")) }
    }
    return ClientStream(call: call)
  }

  private func makeCall(
    _ method: MethodDescriptor, _ options: CallOptions, isUnary: Bool
  ) -> ClientCall {
    var options = options
    if options.trace == nil, core.configuration.beginsTraces { options.trace = .root() }
    return ClientCall(method, options: options, core: core, isUnary: isUnary)
  }

  /// Ends all calls with `unavailable` and closes the connection.
  package func close() async {
    let core = core
    await withUnsafeContinuation { continuation in
      core.loop.perform {
        core.close()
        continuation.resume()
      }
    }
  }
}
