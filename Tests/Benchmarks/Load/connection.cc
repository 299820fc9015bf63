#include "connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr int32_t kWindowBytes = 1 << 28;
constexpr size_t kChunkBytes = 65'536;

nghttp2_nv Field(const char* name, const std::string& value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name)),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), strlen(name), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

int Connect(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1) {
    Fail(address + " is not an IPv4 address with a port");
  }
  peer.sin_port = htons(static_cast<uint16_t>(atoi(address.c_str() + colon + 1)));
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 ||
      connect(descriptor, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) {
    Fail("cannot connect to " + address + ": " + strerror(errno));
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

}  // namespace

uint64_t NowNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void Fail(const std::string& sentence) {
  fprintf(stderr, "bench-rpc-load: %s\n", sentence.c_str());
  exit(1);
}

Connection::Connection(const std::string& address, const std::string& path, Listener* listener)
    : listener_(listener), authority_(address), path_(path) {
  descriptor_ = Connect(address);
  nghttp2_session_callbacks* callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindowBytes);
}

Connection::~Connection() {
  nghttp2_session_del(session_);
  close(descriptor_);
  for (Call* call : free_) delete call;
}

void Connection::Submit(uint64_t scheduled_ns, uint32_t messages) {
  Call* call;
  if (free_.empty()) {
    call = new Call;
  } else {
    call = free_.back();
    free_.pop_back();
  }
  *call = Call{};
  call->scheduled_ns = scheduled_ns;
  call->messages = messages;
  static const std::string post = "POST", http = "http", type = "application/grpc",
                           trailers = "trailers";
  const nghttp2_nv fields[] = {Field(":method", post),          Field(":scheme", http),
                               Field(":path", path_),           Field(":authority", authority_),
                               Field("content-type", type),     Field("te", trailers)};
  nghttp2_data_provider provider{};
  provider.source.ptr = call;
  provider.read_callback = NextMessage;
  if (nghttp2_submit_request(session_, nullptr, fields, 6, &provider, call) < 0) {
    Fail("nghttp2 takes no more requests");
  }
}

ssize_t Connection::NextMessage(nghttp2_session*, int32_t, uint8_t* buffer, size_t length,
                                uint32_t* flags, nghttp2_data_source* source, void*) {
  Call* call = static_cast<Call*>(source->ptr);
  // A frame holds one message at most, as when a program sends them one by one.
  static const auto framed = [] {
    std::vector<uint8_t> bytes(kFramedBytes, 'a');
    bytes[0] = bytes[1] = bytes[2] = 0;
    bytes[3] = kMessageBytes >> 8;
    bytes[4] = kMessageBytes & 0xff;
    return bytes;
  }();
  const size_t count = std::min(length, kFramedBytes - call->sent);
  memcpy(buffer, framed.data() + call->sent, count);
  call->sent = (call->sent + count) % kFramedBytes;
  if (call->sent == 0 && --call->messages == 0) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

int Connection::OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                         size_t name_length, const uint8_t* value, size_t value_length, uint8_t,
                         void*) {
  const std::string_view field(reinterpret_cast<const char*>(name), name_length);
  const std::string_view content(reinterpret_cast<const char*>(value), value_length);
  if ((field == "grpc-status" && content != "0") || (field == ":status" && content != "200")) {
    Call* call =
        static_cast<Call*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
    if (call != nullptr) call->failed = true;
  }
  return 0;
}

int Connection::OnData(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t*,
                       size_t length, void*) {
  Call* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
  if (call != nullptr) call->received += length;
  return 0;
}

int Connection::OnClose(nghttp2_session* session, int32_t stream, uint32_t error, void* context) {
  Connection* connection = static_cast<Connection*>(context);
  Call* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
  if (call == nullptr) return 0;
  connection->free_.push_back(call);
  connection->listener_->Ended(*connection, *call, error == 0 && !call->failed);
  return 0;
}

bool Connection::Read() {
  uint8_t buffer[kChunkBytes];
  for (;;) {
    const ssize_t count = recv(descriptor_, buffer, sizeof buffer, 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    if (nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(count)) < 0) return false;
    if (static_cast<size_t>(count) < sizeof buffer) return true;
  }
}

bool Connection::Write() {
  for (;;) {
    if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
      while (out_.size() < kChunkBytes) {
        const uint8_t* data;
        const ssize_t count = nghttp2_session_mem_send(session_, &data);
        if (count < 0) return false;
        if (count == 0) break;
        out_.insert(out_.end(), data, data + count);
      }
      if (out_.empty()) return true;
    }
    const ssize_t count =
        send(descriptor_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    sent_ += static_cast<size_t>(count);
  }
}
