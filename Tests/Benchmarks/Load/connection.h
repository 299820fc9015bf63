// One HTTP/2 connection of the load client, on nghttp2; a client apart from ours, so that its
// bugs are not measured twice.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// A call under way.
struct Call {
  uint64_t scheduled_ns = 0;
  // Messages still to be sent; the request ends behind the last.
  uint32_t messages = 0;
  // Bytes of the next of them that are sent.
  size_t sent = 0;
  size_t received = 0;
  bool failed = false;
};

// Who is told of each call's end; `ok` says that it was answered well.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void Ended(class Connection& connection, const Call& call, bool ok) = 0;
};

class Connection {
 public:
  // Connects, or ends the program with a sentence.
  Connection(const std::string& address, const std::string& path, Listener* listener);
  Connection(const Connection&) = delete;
  ~Connection();

  int descriptor() const { return descriptor_; }
  // Queues a call of so many messages; `Write` sends it.
  void Submit(uint64_t scheduled_ns, uint32_t messages);
  // Takes what has arrived; false when the connection is over.
  bool Read();
  // Sends what is queued, as far as the socket takes it; false when the connection is over.
  bool Write();
  bool wants_write() const { return sent_ < out_.size(); }

 private:
  static int OnHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t,
                      const uint8_t*, size_t, uint8_t, void*);
  static int OnData(nghttp2_session*, uint8_t, int32_t, const uint8_t*, size_t, void*);
  static int OnClose(nghttp2_session*, int32_t, uint32_t, void*);
  static ssize_t NextMessage(nghttp2_session*, int32_t, uint8_t*, size_t, uint32_t*,
                             nghttp2_data_source*, void*);

  int descriptor_ = -1;
  nghttp2_session* session_ = nullptr;
  Listener* listener_;
  std::string authority_;
  std::string path_;
  std::vector<uint8_t> out_;
  size_t sent_ = 0;
  std::vector<Call*> free_;
};

// 256 bytes behind the five of gRPC's framing.
constexpr size_t kMessageBytes = 256;
constexpr size_t kFramedBytes = kMessageBytes + 5;

uint64_t NowNanoseconds();
[[noreturn]] void Fail(const std::string& sentence);
