"""Questions by Zipf's law, and the results that arrive meanwhile."""

import bisect
import itertools
import random
import tempfile
import time
from pathlib import Path

from benchfront.v1 import catalog_pb2, recommend_pb2, result_pb2

MODELS, QUESTIONS = 50, 5_000
# What another server stored is known a second later; the rest is the way there.
FRESH_S = 1.5

HEADER = (
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
    "moe_ep_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,prefill_attention_dp_size,"
    "prefill_moe_ep_size,decode_num_workers,decode_tp_size,decode_pp_size,"
    "decode_attention_dp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms")


def name(number):
    """A model's id."""
    return f"bench/model-{number}"


def questions():
    """5,000 distinct requests, each about one model, the popular ones about all of them."""
    return [
        recommend_pb2.RecommendConfigurationsRequest(
            filter=catalog_pb2.ConfigurationFilter(model_ids=[name(number % MODELS)]),
            objectives=[
                recommend_pb2.Objective(
                    metric=result_pb2.METRIC_TTFT, at_most=1 + number // MODELS)
            ])
        for number in range(QUESTIONS)
    ]


class Zipf:
    """Ranks by Zipf's law with exponent 1."""

    def __init__(self, count, seed):
        self.sums = list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))
        self.dice = random.Random(seed)

    def draw(self):
        return bisect.bisect(self.sums, self.dice.random() * self.sums[-1])


class Arrivals:
    """New results, one configuration each, as another tool's rows."""

    def __init__(self, client, seed):
        self.client = client
        self.dice = random.Random(seed)
        # Of each model, when each of its results was acknowledged.
        self.times = [[] for _ in range(MODELS)]

    def _row(self, model, concurrency):
        source = (
            f"config_id={model}; silicon_concurrency={concurrency}; "
            "measured=2026-04-17T00:00:00.000Z")
        empty = "," * 9
        return (
            f"row_{model}_{concurrency},{source},vllm,0.19.0,{name(model)},h100_sxm,fp8,agg,"
            f"1024,512,fp8,fp8,{concurrency},4,1,1,4,1,{empty},{200 + concurrency},12.25")

    def send(self, models):
        """One more result of each model."""
        rows = [self._row(model, len(self.times[model]) + 1) for model in models]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            path.write_text("\n".join([HEADER, *rows]) + "\n")
            outcome = self.client.import_results(path, format="aiconfigurator")
        if outcome.result_count != len(rows):
            raise RuntimeError(f"{outcome.result_count} of {len(rows)} results were stored")
        for model in models:
            self.times[model].append(time.monotonic())

    def send_one(self):
        """One result of any model."""
        self.send([self.dice.randrange(MODELS)])

    def least(self, model, asked):
        """How many results an answer has to know of that was asked for then."""
        return bisect.bisect(self.times[model], asked - FRESH_S)
