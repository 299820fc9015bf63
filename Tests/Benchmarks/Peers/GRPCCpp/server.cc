// bench.Echo on gRPC C++: the callback API with raw messages, which skip protobuf. It runs its
// own polling threads; the driver pins the process to one core as it does every subject.
// Prints its address and serves until it is killed.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <string>

#include "echo.grpc.pb.h"

namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::Status;

constexpr int kStreamMessages = 1000;
constexpr size_t kLargeBytes = 4'000'000;

class DownReactor final : public grpc::ServerWriteReactor<ByteBuffer> {
 public:
  explicit DownReactor(const ByteBuffer* request) : message_(*request) { Next(); }

 private:
  void Next() {
    if (sent_++ < kStreamMessages) {
      StartWrite(&message_);
    } else {
      Finish(Status::OK);
    }
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      Finish(Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

  ByteBuffer message_;
  int sent_ = 0;
};

class UpReactor final : public grpc::ServerReadReactor<ByteBuffer> {
 public:
  explicit UpReactor(ByteBuffer* response) : response_(response) { StartRead(&message_); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(Status::OK);
    response_->Swap(&message_);
    message_.Clear();
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

  ByteBuffer message_;
  ByteBuffer* response_;
};

class ChatReactor final : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  ChatReactor() { StartRead(&message_); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(Status::OK);
    StartWrite(&message_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(Status::CANCELLED);
    message_.Clear();
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

  ByteBuffer message_;
};

template <class Base>
using Raw = bench::Echo::WithRawCallbackMethod_Unary<bench::Echo::WithRawCallbackMethod_Down<
    bench::Echo::WithRawCallbackMethod_Up<bench::Echo::WithRawCallbackMethod_Chat<
        bench::Echo::WithRawCallbackMethod_Large<Base>>>>>;

class EchoServer final : public Raw<bench::Echo::Service> {
  grpc::ServerUnaryReactor* Unary(CallbackServerContext* context, const ByteBuffer* request,
                                  ByteBuffer* response) override {
    *response = *request;
    return Finished(context);
  }
  grpc::ServerWriteReactor<ByteBuffer>* Down(CallbackServerContext*,
                                             const ByteBuffer* request) override {
    return new DownReactor(request);
  }
  grpc::ServerReadReactor<ByteBuffer>* Up(CallbackServerContext*, ByteBuffer* response) override {
    return new UpReactor(response);
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* Chat(CallbackServerContext*) override {
    return new ChatReactor;
  }
  grpc::ServerUnaryReactor* Large(CallbackServerContext* context, const ByteBuffer*,
                                  ByteBuffer* response) override {
    *response = large_;
    return Finished(context);
  }

  static grpc::ServerUnaryReactor* Finished(CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(Status::OK);
    return reactor;
  }

  grpc::Slice slice_{std::string(kLargeBytes, 'a')};
  ByteBuffer large_{&slice_, 1};
};

}  // namespace

int main() {
  EchoServer service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "127.0.0.1:" << port << std::endl;
  server->Wait();
}
