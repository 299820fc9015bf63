// Whether a message came compressed: gRPC shows it to its own interoperability tests alone, as
// friends of these names, and by a function that no header declares.
#pragma once
#include <grpcpp/grpcpp.h>

#include <cstdint>

uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace grpc::testing {

constexpr uint32_t kWasCompressed = 0x40000000u;

class InteropServerContextInspector {
 public:
  static bool WasCompressed(const ServerContext& context) {
    return grpc_call_test_only_get_message_flags(context.call_.call) & kWasCompressed;
  }
};

class InteropClientContextInspector {
 public:
  static bool WasCompressed(const ClientContext& context) {
    return grpc_call_test_only_get_message_flags(context.call_) & kWasCompressed;
  }
};

}  // namespace grpc::testing
