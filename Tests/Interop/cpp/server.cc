// grpc.testing.TestService on gRPC C++: what it must do stands in the published description
// (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#server).
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "flags.h"
#include "grpc/testing/test.grpc.pb.h"
#include "sides.h"

namespace grpc::testing {
namespace {

void EchoMetadata(ServerContext* context) {
  const auto& received = context->client_metadata();
  const std::string initial = "x-grpc-test-echo-initial";
  const std::string trailing = "x-grpc-test-echo-trailing-bin";
  if (auto found = received.find(initial); found != received.end()) {
    context->AddInitialMetadata(initial, {found->second.data(), found->second.size()});
  }
  if (auto found = received.find(trailing); found != received.end()) {
    context->AddTrailingMetadata(trailing, {found->second.data(), found->second.size()});
  }
}

template <typename Request>
Status CheckCompression(const Request& request, const ServerContext& context) {
  if (!request.has_expect_compressed() ||
      request.expect_compressed().value() == InteropServerContextInspector::WasCompressed(context)) {
    return Status::OK;
  }
  return {StatusCode::INVALID_ARGUMENT, "the message is not compressed as it says"};
}

template <typename Request>
Status EchoedStatus(const Request& request) {
  const auto& wanted = request.response_status();
  return {static_cast<StatusCode>(wanted.code()), wanted.message()};
}

class TestServer final : public TestService::Service {
  Status EmptyCall(ServerContext*, const Empty*, Empty*) override { return Status::OK; }

  Status UnaryCall(ServerContext* context, const SimpleRequest* request,
                   SimpleResponse* response) override {
    EchoMetadata(context);
    if (Status status = CheckCompression(*request, *context); !status.ok()) return status;
    if (Status status = EchoedStatus(*request); !status.ok()) return status;
    if (request->response_compressed().value()) {
      context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    }
    response->mutable_payload()->set_body(std::string(request->response_size(), '\0'));
    return Status::OK;
  }

  Status CacheableUnaryCall(ServerContext* context, const SimpleRequest*,
                            SimpleResponse* response) override {
    context->AddInitialMetadata("cache-control", "max-age=60, public");
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    response->mutable_payload()->set_body(std::to_string(now));
    return Status::OK;
  }

  Status StreamingInputCall(ServerContext* context, ServerReader<StreamingInputCallRequest>* reader,
                            StreamingInputCallResponse* response) override {
    StreamingInputCallRequest request;
    size_t sum = 0;
    while (reader->Read(&request)) {
      if (Status status = CheckCompression(request, *context); !status.ok()) return status;
      sum += request.payload().body().size();
    }
    response->set_aggregated_payload_size(static_cast<int>(sum));
    return Status::OK;
  }

  template <typename Writer>
  Status Answer(const StreamingOutputCallRequest& request, Writer* writer) {
    if (Status status = EchoedStatus(request); !status.ok()) return status;
    for (const auto& wanted : request.response_parameters()) {
      std::this_thread::sleep_for(std::chrono::microseconds(wanted.interval_us()));
      StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(wanted.size(), '\0'));
      WriteOptions options;
      if (!wanted.compressed().value()) options.set_no_compression();
      if (!writer->Write(response, options)) return {StatusCode::CANCELLED, "the client is gone"};
    }
    return Status::OK;
  }

  Status StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                             ServerWriter<StreamingOutputCallResponse>* writer) override {
    EchoMetadata(context);
    context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    return Answer(*request, writer);
  }

  using Stream = ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>;

  Status FullDuplexCall(ServerContext* context, Stream* stream) override {
    EchoMetadata(context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      if (Status status = Answer(request, stream); !status.ok()) return status;
    }
    return Status::OK;
  }
};

}  // namespace

int Serve(const std::string& address) {
  TestServer service;
  ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<Server> server = builder.BuildAndStart();
  if (!server) return 1;
  std::cout << "127.0.0.1:" << port << std::endl;
  server->Wait();
  return 0;
}

}  // namespace grpc::testing
