import CLinux

extension EventLoop {
  /// Watches a descriptor until the watch is cancelled; one watch per descriptor.
  ///
  /// - Throws: `ReactorError` when the descriptor is watched already or cannot be polled.
  package func watch(
    _ descriptor: Int32, _ interest: Interest, _ handler: @escaping (Readiness) -> Void
  ) throws(ReactorError) -> Watch {
    precondition(isCurrent, "watches belong to their loop")
    guard descriptor >= 0 else {
      throw ReactorError(code: .closed, message: "the descriptor is closed")
    }
    generation = generation &+ 1
    let watch = Watch(
      loop: self, descriptor: descriptor, interest: interest, generation: max(1, generation),
      handler: handler)
    let code = clinux_epoll_control(
      epoll, EPOLL_CTL_ADD, descriptor, interest.events, watch.token)
    guard code == 0 else { throw .system("epoll_ctl") }
    let index = Int(descriptor)
    while watches.count <= index { watches.append(nil) }
    watches[index]?.end()
    watches[index] = watch
    return watch
  }

  func change(_ watch: Watch) {
    guard isWatching(watch) else { return }
    let code = clinux_epoll_control(
      epoll, EPOLL_CTL_MOD, watch.descriptor, watch.interest.events, watch.token)
    precondition(code == 0, "the descriptor was closed before its watch was cancelled")
  }

  func remove(_ watch: Watch) {
    guard isWatching(watch) else { return }
    watches[Int(watch.descriptor)] = nil
    _ = clinux_epoll_control(epoll, EPOLL_CTL_DEL, watch.descriptor, 0, 0)
  }

  private func isWatching(_ watch: Watch) -> Bool {
    let index = Int(watch.descriptor)
    return index < watches.count && watches[index] === watch
  }
}
