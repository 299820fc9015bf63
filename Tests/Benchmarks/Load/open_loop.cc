#include <algorithm>
#include <cstdio>

#include "loads.h"

namespace {

// The first tenth of the calls warms both sides up and is not counted.
class Latencies final : public Listener {
 public:
  explicit Latencies(const Plan& plan) : plan_(plan) { microseconds_.reserve(plan.calls); }

  void Ended(Connection&, const Call& call, bool ok) override {
    ++ended;
    if (!ok || call.received != plan_.answer_bytes) ++failed;
    if (call.scheduled_ns < counted_from_ns) return;
    microseconds_.push_back(static_cast<float>(NowNanoseconds() - call.scheduled_ns) / 1000);
  }

  // The smallest latency that this share of the calls did not exceed.
  double Percentile(double share) {
    const auto place = static_cast<size_t>(share * static_cast<double>(microseconds_.size() - 1));
    std::nth_element(microseconds_.begin(), microseconds_.begin() + static_cast<ptrdiff_t>(place),
                     microseconds_.end());
    return microseconds_[place];
  }

  uint64_t ended = 0;
  uint64_t failed = 0;
  uint64_t counted_from_ns = 0;

 private:
  const Plan& plan_;
  std::vector<float> microseconds_;
};

constexpr uint64_t kPatienceNanoseconds = 10'000'000'000;

}  // namespace

void RunOpenLoop(const Plan& plan) {
  Latencies latencies(plan);
  Pool pool(plan, &latencies);
  const double gap_ns = 1e9 / plan.rate;
  const uint64_t start = NowNanoseconds() + 1'000'000;
  const auto due = [&](uint64_t call) {
    return start + static_cast<uint64_t>(gap_ns * static_cast<double>(call));
  };
  latencies.counted_from_ns = due(plan.calls / 10);
  const uint64_t deadline = due(plan.calls) + kPatienceNanoseconds;
  uint64_t begun = 0;
  while (latencies.ended < plan.calls) {
    const uint64_t now = NowNanoseconds();
    if (now > deadline) Fail("calls were not answered within ten seconds of the last one's turn");
    while (begun < plan.calls && due(begun) <= now) {
      pool[begun % pool.size()].Submit(due(begun), plan.messages);
      ++begun;
    }
    // It spins, on a core of its own: a timer would come late.
    pool.Turn(0);
  }
  const double seconds = static_cast<double>(NowNanoseconds() - start) / 1e9;
  printf("{\"calls\": %lu, \"failed\": %lu, \"calls_per_s\": %.1f, \"p50_us\": %.2f, "
         "\"p99_us\": %.2f, \"p999_us\": %.2f}\n",
         plan.calls, latencies.failed, static_cast<double>(plan.calls) / seconds,
         latencies.Percentile(0.5), latencies.Percentile(0.99), latencies.Percentile(0.999));
}
