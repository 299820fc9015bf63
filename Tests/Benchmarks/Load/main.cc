// Load for the benchmarks: calls by a fixed schedule with their latencies, and streams of messages.
// usage: bench-rpc-load open|streams ADDRESS PATH [connections=N] [streams=N] [calls=N] [rate=N]
//        [messages=N] [answer=BYTES]
#include <cstdlib>
#include <cstring>

#include "loads.h"

int main(int count, char** arguments) {
  if (count < 4) Fail("usage: bench-rpc-load open|streams ADDRESS PATH [name=value ...]");
  Plan plan;
  plan.address = arguments[2];
  plan.path = arguments[3];
  for (int index = 4; index < count; ++index) {
    const std::string argument = arguments[index];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const double value = equals == std::string::npos ? 0 : atof(argument.c_str() + equals + 1);
    if (value < 1) Fail(argument + " is no number above zero");
    if (name == "connections") {
      plan.connections = static_cast<int>(value);
    } else if (name == "streams") {
      plan.streams = static_cast<int>(value);
    } else if (name == "calls") {
      plan.calls = static_cast<uint64_t>(value);
    } else if (name == "rate") {
      plan.rate = value;
    } else if (name == "messages") {
      plan.messages = static_cast<uint32_t>(value);
    } else if (name == "answer") {
      plan.answer_bytes = static_cast<size_t>(value);
    } else {
      Fail("there is no setting " + name);
    }
  }
  const std::string mode = arguments[1];
  if (mode == "open") {
    RunOpenLoop(plan);
  } else if (mode == "streams") {
    RunStreams(plan);
  } else {
    Fail("there is no load " + mode);
  }
}
