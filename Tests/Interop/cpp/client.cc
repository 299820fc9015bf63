// The cases of the published description on gRPC C++
// (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#client).
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "flags.h"
#include "grpc/testing/test.grpc.pb.h"
#include "sides.h"

namespace grpc::testing {
namespace {

using Failure = std::string;
using Inspector = InteropClientContextInspector;

void Check(bool condition, const std::string& text) {
  if (!condition) throw Failure(text);
}

void Expect(const Status& status, StatusCode code, const std::string& what) {
  Check(status.error_code() == code, what + ": " + std::to_string(status.error_code()) + " " +
                                         status.error_message());
}

void Zeros(const Payload& payload, size_t size) {
  Check(payload.body() == std::string(size, '\0'), "a payload is not so many zeros");
}

Payload MakeZeros(size_t size) {
  Payload payload;
  payload.set_body(std::string(size, '\0'));
  return payload;
}

SimpleRequest Large() {
  SimpleRequest request;
  request.set_response_size(314159);
  *request.mutable_payload() = MakeZeros(271828);
  return request;
}

StreamingOutputCallRequest Output(const std::vector<int>& sizes, int payload) {
  StreamingOutputCallRequest request;
  for (int size : sizes) request.add_response_parameters()->set_size(size);
  if (payload > 0) *request.mutable_payload() = MakeZeros(payload);
  return request;
}

StreamingInputCallRequest Input(int size) {
  StreamingInputCallRequest request;
  *request.mutable_payload() = MakeZeros(size);
  return request;
}

struct Client {
  std::shared_ptr<Channel> channel;
  std::unique_ptr<TestService::Stub> stub;

  void EmptyUnary() {
    ClientContext context;
    Empty response;
    Expect(stub->EmptyCall(&context, Empty(), &response), OK, "EmptyCall");
  }

  void CacheableUnary() {
    for (int i = 0; i < 2; ++i) {
      ClientContext context;
      context.AddMetadata("x-user-ip", "1.2.3.4");
      SimpleResponse response;
      Expect(stub->CacheableUnaryCall(&context, Large(), &response), OK, "CacheableUnaryCall");
      Check(!response.payload().body().empty(), "there is no time stamp");
    }
  }

  void LargeUnary() {
    ClientContext context;
    SimpleResponse response;
    Expect(stub->UnaryCall(&context, Large(), &response), OK, "UnaryCall");
    Zeros(response.payload(), 314159);
  }

  Status Compressed(bool says, bool is) {
    ClientContext context;
    if (is) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    SimpleRequest request = Large();
    request.mutable_expect_compressed()->set_value(says);
    SimpleResponse response;
    Status status = stub->UnaryCall(&context, request, &response);
    if (status.ok()) Zeros(response.payload(), 314159);
    return status;
  }

  void ClientCompressedUnary() {
    Expect(Compressed(true, false), INVALID_ARGUMENT, "the probe");
    Expect(Compressed(true, true), OK, "compressed");
    Expect(Compressed(false, false), OK, "not compressed");
  }

  void ServerCompressedUnary() {
    for (bool wish : {true, false}) {
      ClientContext context;
      SimpleRequest request = Large();
      request.mutable_response_compressed()->set_value(wish);
      SimpleResponse response;
      Expect(stub->UnaryCall(&context, request, &response), OK, "UnaryCall");
      Zeros(response.payload(), 314159);
      Check(Inspector::WasCompressed(context) == wish, "the answer is not compressed as wished");
    }
  }

  void ClientStreaming() {
    ClientContext context;
    StreamingInputCallResponse response;
    auto writer = stub->StreamingInputCall(&context, &response);
    for (int size : {27182, 8, 1828, 45904}) Check(writer->Write(Input(size)), "a write fails");
    writer->WritesDone();
    Expect(writer->Finish(), OK, "StreamingInputCall");
    Check(response.aggregated_payload_size() == 74922, "the sum is wrong");
  }

  void ClientCompressedStreaming() {
    StreamingInputCallRequest first = Input(27182);
    first.mutable_expect_compressed()->set_value(true);
    StreamingInputCallRequest second = Input(45904);
    second.mutable_expect_compressed()->set_value(false);
    StreamingInputCallResponse response;
    {
      ClientContext context;
      context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
      auto writer = stub->StreamingInputCall(&context, &response);
      writer->Write(first, WriteOptions().set_no_compression());
      writer->WritesDone();
      Expect(writer->Finish(), INVALID_ARGUMENT, "the probe");
    }
    ClientContext context;
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    auto writer = stub->StreamingInputCall(&context, &response);
    Check(writer->Write(first), "a write fails");
    Check(writer->Write(second, WriteOptions().set_no_compression()), "a write fails");
    writer->WritesDone();
    Expect(writer->Finish(), OK, "StreamingInputCall");
    Check(response.aggregated_payload_size() == 73086, "the sum is wrong");
  }

  void ServerStreaming() {
    const std::vector<int> sizes = {31415, 9, 2653, 58979};
    ClientContext context;
    auto reader = stub->StreamingOutputCall(&context, Output(sizes, 0));
    StreamingOutputCallResponse response;
    for (int size : sizes) {
      Check(reader->Read(&response), "an answer is missing");
      Zeros(response.payload(), size);
    }
    Check(!reader->Read(&response), "there are more than four answers");
    Expect(reader->Finish(), OK, "StreamingOutputCall");
  }

  void ServerCompressedStreaming() {
    StreamingOutputCallRequest request;
    const std::vector<std::pair<int, bool>> wanted = {{31415, true}, {92653, false}};
    for (auto [size, wish] : wanted) {
      auto* parameters = request.add_response_parameters();
      parameters->set_size(size);
      parameters->mutable_compressed()->set_value(wish);
    }
    ClientContext context;
    auto reader = stub->StreamingOutputCall(&context, request);
    StreamingOutputCallResponse response;
    for (auto [size, wish] : wanted) {
      Check(reader->Read(&response), "an answer is missing");
      Zeros(response.payload(), size);
      Check(Inspector::WasCompressed(context) == wish, "an answer is not compressed as wished");
    }
    Check(!reader->Read(&response), "there are more than two answers");
    Expect(reader->Finish(), OK, "StreamingOutputCall");
  }

  void PingPong() {
    ClientContext context;
    auto stream = stub->FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    const std::vector<std::pair<int, int>> turns = {
        {31415, 27182}, {9, 8}, {2653, 1828}, {58979, 45904}};
    for (auto [answer, payload] : turns) {
      Check(stream->Write(Output({answer}, payload)), "a write fails");
      Check(stream->Read(&response), "an answer is missing");
      Zeros(response.payload(), answer);
    }
    stream->WritesDone();
    Check(!stream->Read(&response), "there are more than four answers");
    Expect(stream->Finish(), OK, "FullDuplexCall");
  }

  void EmptyStream() {
    ClientContext context;
    auto stream = stub->FullDuplexCall(&context);
    stream->WritesDone();
    StreamingOutputCallResponse response;
    Check(!stream->Read(&response), "there is an answer to nothing");
    Expect(stream->Finish(), OK, "FullDuplexCall");
  }

  void CancelAfterBegin() {
    ClientContext context;
    StreamingInputCallResponse response;
    auto writer = stub->StreamingInputCall(&context, &response);
    context.TryCancel();
    Expect(writer->Finish(), CANCELLED, "StreamingInputCall");
  }

  void CancelAfterFirstResponse() {
    ClientContext context;
    auto stream = stub->FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    Check(stream->Write(Output({31415}, 27182)), "a write fails");
    Check(stream->Read(&response), "an answer is missing");
    context.TryCancel();
    Expect(stream->Finish(), CANCELLED, "FullDuplexCall");
  }

  void TimeoutOnSleepingServer() {
    ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1));
    auto stream = stub->FullDuplexCall(&context);
    stream->Write(Output({}, 27182));
    Expect(stream->Finish(), DEADLINE_EXCEEDED, "FullDuplexCall");
  }

  void CustomMetadata() {
    const std::string initial = "x-grpc-test-echo-initial";
    const std::string trailing = "x-grpc-test-echo-trailing-bin";
    auto ask = [&](ClientContext& context) {
      context.AddMetadata(initial, "test_initial_metadata_value");
      context.AddMetadata(trailing, "\xab\xab\xab");
    };
    auto verify = [&](const ClientContext& context) {
      auto text = context.GetServerInitialMetadata().find(initial);
      Check(text != context.GetServerInitialMetadata().end() &&
                text->second == "test_initial_metadata_value", "the initial metadata is lost");
      auto bytes = context.GetServerTrailingMetadata().find(trailing);
      Check(bytes != context.GetServerTrailingMetadata().end() &&
                bytes->second == "\xab\xab\xab", "the trailing metadata is lost");
    };
    ClientContext unary;
    ask(unary);
    SimpleResponse response;
    Expect(stub->UnaryCall(&unary, Large(), &response), OK, "UnaryCall");
    verify(unary);
    ClientContext duplex;
    ask(duplex);
    auto stream = stub->FullDuplexCall(&duplex);
    stream->Write(Output({314159}, 271828));
    stream->WritesDone();
    StreamingOutputCallResponse answer;
    while (stream->Read(&answer)) Zeros(answer.payload(), 314159);
    Expect(stream->Finish(), OK, "FullDuplexCall");
    verify(duplex);
  }

  void Statuses(const std::string& message) {
    SimpleRequest request;
    request.mutable_response_status()->set_code(UNKNOWN);
    request.mutable_response_status()->set_message(message);
    ClientContext unary;
    SimpleResponse response;
    Status status = stub->UnaryCall(&unary, request, &response);
    Expect(status, UNKNOWN, "UnaryCall");
    Check(status.error_message() == message, "the message is " + status.error_message());
    StreamingOutputCallRequest output;
    *output.mutable_response_status() = request.response_status();
    ClientContext duplex;
    auto stream = stub->FullDuplexCall(&duplex);
    stream->Write(output);
    stream->WritesDone();
    StreamingOutputCallResponse answer;
    Check(!stream->Read(&answer), "there is an answer");
    status = stream->Finish();
    Expect(status, UNKNOWN, "FullDuplexCall");
    Check(status.error_message() == message, "the message is " + status.error_message());
  }

  void UnimplementedMethod() {
    ClientContext context;
    Empty response;
    Expect(stub->UnimplementedCall(&context, Empty(), &response), UNIMPLEMENTED, "the method");
  }

  void UnimplementedService() {
    ClientContext context;
    Empty response;
    auto other = testing::UnimplementedService::NewStub(channel);
    Expect(other->UnimplementedCall(&context, Empty(), &response), UNIMPLEMENTED, "the service");
  }
};

const std::map<std::string, std::function<void(Client&)>> kCases = {
    {"empty_unary", &Client::EmptyUnary},
    {"cacheable_unary", &Client::CacheableUnary},
    {"large_unary", &Client::LargeUnary},
    {"client_compressed_unary", &Client::ClientCompressedUnary},
    {"server_compressed_unary", &Client::ServerCompressedUnary},
    {"client_streaming", &Client::ClientStreaming},
    {"client_compressed_streaming", &Client::ClientCompressedStreaming},
    {"server_streaming", &Client::ServerStreaming},
    {"server_compressed_streaming", &Client::ServerCompressedStreaming},
    {"ping_pong", &Client::PingPong},
    {"empty_stream", &Client::EmptyStream},
    {"cancel_after_begin", &Client::CancelAfterBegin},
    {"cancel_after_first_response", &Client::CancelAfterFirstResponse},
    {"timeout_on_sleeping_server", &Client::TimeoutOnSleepingServer},
    {"custom_metadata", &Client::CustomMetadata},
    {"status_code_and_message", [](Client& c) { c.Statuses("test status message"); }},
    {"special_status_message",
     [](Client& c) {
       c.Statuses("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n");
     }},
    {"unimplemented_method", &Client::UnimplementedMethod},
    {"unimplemented_service", &Client::UnimplementedService},
};

}  // namespace

int Run(const std::string& name, const std::string& address) {
  auto found = kCases.find(name);
  if (found == kCases.end()) {
    std::cout << "there is no case " << name << std::endl;
    return 2;
  }
  auto channel = CreateChannel(address, InsecureChannelCredentials());
  Client client{channel, TestService::NewStub(channel)};
  try {
    found->second(client);
  } catch (const Failure& failure) {
    std::cout << "failed: " << failure << std::endl;
    return 1;
  }
  return 0;
}

}  // namespace grpc::testing
