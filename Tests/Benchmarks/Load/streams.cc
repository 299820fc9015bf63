#include <cstdio>

#include "loads.h"

namespace {

class Repeater final : public Listener {
 public:
  explicit Repeater(const Plan& plan) : plan_(plan) {}

  void Ended(Connection& connection, const Call& call, bool ok) override {
    ++ended;
    if (!ok || call.received != plan_.answer_bytes) ++failed;
    Begin(connection);
  }

  void Begin(Connection& connection) {
    if (begun == plan_.calls) return;
    ++begun;
    connection.Submit(0, plan_.messages);
  }

  uint64_t begun = 0;
  uint64_t ended = 0;
  uint64_t failed = 0;

 private:
  const Plan& plan_;
};

constexpr int kPatienceMilliseconds = 10'000;

}  // namespace

void RunStreams(const Plan& plan) {
  Repeater repeater(plan);
  Pool pool(plan, &repeater);
  const uint64_t start = NowNanoseconds();
  for (int stream = 0; stream < plan.streams; ++stream) {
    for (size_t index = 0; index < pool.size(); ++index) repeater.Begin(pool[index]);
  }
  pool.Turn(0);
  while (repeater.ended < plan.calls) {
    const uint64_t before = NowNanoseconds();
    pool.Turn(kPatienceMilliseconds);
    if (NowNanoseconds() - before > kPatienceMilliseconds * 900'000ull) {
      Fail("nothing came for ten seconds");
    }
  }
  const double seconds = static_cast<double>(NowNanoseconds() - start) / 1e9;
  printf("{\"calls\": %lu, \"failed\": %lu, \"calls_per_s\": %.1f}\n", plan.calls,
         repeater.failed, static_cast<double>(plan.calls) / seconds);
}
