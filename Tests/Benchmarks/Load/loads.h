// What the load client can do; each prints one line of JSON.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"

struct Plan {
  std::string address;
  std::string path;
  int connections = 1;
  // Calls at once on each connection, where the next begins as one ends.
  int streams = 1;
  // Calls in all.
  uint64_t calls = 1000;
  // Calls a second, where they begin by the clock.
  double rate = 1000;
  // Messages of each request.
  uint32_t messages = 1;
  // Bytes of each answer; another number is a failure.
  size_t answer_bytes = kFramedBytes;
};

// Calls begin by a fixed schedule, whatever became of those before.
void RunOpenLoop(const Plan& plan);
// So many calls at once, the next as one ends.
void RunStreams(const Plan& plan);

// The connections of a plan, and an epoll that watches all of them.
class Pool {
 public:
  Pool(const Plan& plan, Listener* listener) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (int index = 0; index < plan.connections; ++index) {
      all_.push_back(std::make_unique<Connection>(plan.address, plan.path, listener));
      epoll_event event{};
      // Edges: a connection is written to after every turn anyway.
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.ptr = all_.back().get();
      epoll_ctl(epoll_, EPOLL_CTL_ADD, all_.back()->descriptor(), &event);
    }
  }

  Connection& operator[](size_t index) { return *all_[index]; }
  size_t size() const { return all_.size(); }

  // Reads what has come within the time, then writes what is queued.
  void Turn(int timeout_ms) {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, timeout_ms);
    for (int index = 0; index < count; ++index) {
      auto* connection = static_cast<Connection*>(events[index].data.ptr);
      if ((events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !connection->Read()) {
        Fail("the server closed a connection");
      }
    }
    for (auto& connection : all_) {
      if (!connection->Write()) Fail("the server closed a connection");
    }
  }

 private:
  int epoll_;
  std::vector<std::unique_ptr<Connection>> all_;
};
