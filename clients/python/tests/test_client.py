"""The client and every method of the services, against a live server."""

import queue
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import timestamp_pb2

from benchfront import BenchfrontError, Client, Objective
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import catalog_pb2, configuration_pb2, recommend_pb2, result_pb2, sample_pb2

MODEL = "example/tiny-1b"

AICONFIGURATOR_HEADER = (
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
    "moe_ep_size,prefill_batch_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,"
    "prefill_attention_dp_size,prefill_moe_tp_size,prefill_moe_ep_size,decode_batch_size,"
    "decode_num_workers,decode_tp_size,decode_pp_size,decode_attention_dp_size,"
    "decode_moe_tp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms"
)


def row(name, concurrency, ttft, tpot):
    """One measured row in the tool's format."""
    source = (
        f"db-dump/2026-01-01; config_id=1; silicon_concurrency={concurrency}; "
        "measured=2026-01-02T00:00:00.000Z; workflow_run_id=1; vllm/vllm-openai:v0.19.0"
    )
    return (
        f"{name},{source},vllm,0.19.0,{MODEL},h100_sxm,fp8,agg,1024,256,fp8,fp8,{concurrency},"
        f"1,1,1,1,1,,,,,,,,,,,,,,,{ttft},{tpot}"
    )


@pytest.fixture(scope="module")
def imported(server, tmp_path_factory):
    """A file of two results, imported."""
    path = tmp_path_factory.mktemp("import") / "rows.csv"
    lines = [AICONFIGURATOR_HEADER, row("a", 1, 50.0, 5.0), row("b", 32, 200.0, 10.0)]
    path.write_text("\n".join(lines) + "\n")
    with Client(server) as client:
        return path, client.import_results(path)


def test_the_catalog_is_seeded(client):
    hardware = {profile.id for profile in client.hardware()}
    assert {"l4-x1", "a100-80gb-x8", "h100-80gb-x4"} <= hardware
    assert {"vllm", "tgi", "lmdeploy", "sglang", "tensorrt-llm", "llama.cpp"} <= {
        engine.id for engine in client.engines()
    }
    prices = list(client.prices("h100-80gb-x1"))
    assert {price.basis for price in prices} == {1, 2}
    assert all(price.source and price.observed_at.seconds > 0 for price in prices)


def test_a_model_is_registered_once(client):
    model = configuration_pb2.Model(
        id="example/new", kind=configuration_pb2.MODEL_KIND_SELF_HOSTED, parameter_count=7
    )
    stored = client.register_model(model)
    assert stored.created_at.seconds > 0
    assert client.register_model(model) == stored
    model.parameter_count = 8
    with pytest.raises(BenchfrontError) as refused:
        client.register_model(model)
    assert refused.value.code == grpc.StatusCode.ALREADY_EXISTS
    assert "example/new" in {known.id for known in client.models()}


def test_hardware_engines_and_prices_are_registered_and_found(client):
    catalog = client.catalog
    hardware = configuration_pb2.HardwareProfile(
        id="test-gpu-x1", accelerator="TEST-GPU", accelerator_count=1, memory_bytes=80 * 10**9
    )
    request = catalog_pb2.RegisterHardwareRequest(hardware=hardware)
    assert catalog.RegisterHardware(request).hardware == hardware
    found = catalog.GetHardware(catalog_pb2.GetHardwareRequest(hardware_id="test-gpu-x1"))
    assert found.hardware == hardware
    engine = configuration_pb2.Engine(
        id="test-engine", display_name="Test", quantization_ids=["fp16"]
    )
    assert catalog.RegisterEngine(catalog_pb2.RegisterEngineRequest(engine=engine)).engine == engine
    found = catalog.GetEngine(catalog_pb2.GetEngineRequest(engine_id="test-engine"))
    assert found.engine == engine
    assert catalog.GetModel(catalog_pb2.GetModelRequest(model_id="gpt-4o")).model.kind == 2
    price = configuration_pb2.PriceEntry(
        hardware_id="test-gpu-x1",
        basis=configuration_pb2.PRICE_BASIS_ON_DEMAND,
        usd_per_hour=2.5,
        offer="test",
        source="test",
        observed_at=timestamp_pb2.Timestamp(seconds=1_700_000_000),
    )
    stored = catalog.RegisterPrice(catalog_pb2.RegisterPriceRequest(price=price)).price
    assert stored.id
    assert catalog.GetPrice(catalog_pb2.GetPriceRequest(price_id=stored.id)).price == stored
    price.usd_per_hour = float("nan")
    with pytest.raises(grpc.RpcError) as refused:
        catalog.RegisterPrice(catalog_pb2.RegisterPriceRequest(price=price))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_every_getter_says_what_is_missing(client):
    catalog = client.catalog
    for method, request in [
        (catalog.GetModel, catalog_pb2.GetModelRequest(model_id="no/such")),
        (catalog.GetHardware, catalog_pb2.GetHardwareRequest(hardware_id="none")),
        (catalog.GetEngine, catalog_pb2.GetEngineRequest(engine_id="none")),
        (catalog.GetPrice, catalog_pb2.GetPriceRequest(price_id="none")),
        (client.control.GetRun, control_pb2.GetRunRequest(run_id="none")),
        (client.control.CancelRun, control_pb2.CancelRunRequest(run_id="none")),
    ]:
        with pytest.raises(grpc.RpcError) as refused:
            method(request)
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND, method


def test_an_import_is_counted_and_repeats_to_nothing(client, imported):
    path, outcome = imported
    assert outcome.format == "aiconfigurator"
    assert outcome.row_count == 2
    assert outcome.result_count == 2
    again = client.import_results(path)
    assert again.result_count == 0
    assert again.duplicate_count == 2


def test_a_file_of_no_known_format_is_refused(client, tmp_path):
    path = tmp_path / "garbage.csv"
    path.write_bytes(bytes(range(256)) * 16)
    with pytest.raises(BenchfrontError) as refused:
        client.import_results(path)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT


def test_results_carry_their_provenance(client, imported):
    results = list(client.results(models=[MODEL]))
    assert len(results) == 2
    for entry in results:
        assert entry.result.provenance.kind == result_pb2.PROVENANCE_KIND_IMPORTED
        assert entry.result.provenance.tool == "aiconfigurator"
        request = catalog_pb2.GetConfigurationRequest(configuration_id=entry.configuration.id)
        found = client.catalog.GetConfiguration(request)
        assert [result.id for result in found.results] == [entry.result.id]
    request = catalog_pb2.ListConfigurationsRequest(
        filter=catalog_pb2.ConfigurationFilter(model_ids=[MODEL]), page_size=1
    )
    first = client.catalog.ListConfigurations(request)
    assert len(first.configurations) == 1 and first.next_page_token
    request.page_token = first.next_page_token
    second = client.catalog.ListConfigurations(request)
    assert first.configurations[0].id != second.configurations[0].id


def test_a_recommendation_meets_its_limits(client, imported):
    ranking = client.recommend(
        models=[MODEL], objectives=[Objective("ttft", at_most=0.1)], weights={"tpot": 1, "ttft": 1}
    )
    assert ranking.feasible == 1
    assert [item.configuration.workload.concurrency for item in ranking.items] == [1]
    assert sum(ranking.exclusions.values()) >= 1
    nothing = client.recommend(models=[MODEL], objectives=[Objective("ttft", at_most=1e-6)])
    assert nothing.items == [] and nothing.exclusions


def test_the_front_holds_what_nothing_beats(client, imported):
    request = recommend_pb2.GetParetoFrontRequest(
        filter=catalog_pb2.ConfigurationFilter(model_ids=[MODEL]),
        criteria=[
            recommend_pb2.Criterion(metric=result_pb2.METRIC_TTFT, weight=1),
            recommend_pb2.Criterion(metric=result_pb2.METRIC_TPOT, weight=1),
        ],
    )
    front = client.ranker.GetParetoFront(request)
    assert [member.configuration.workload.concurrency for member in front.members] == [1]


def test_weights_of_zero_are_refused(client, imported):
    with pytest.raises(BenchfrontError) as refused:
        client.recommend(models=[MODEL], weights={"ttft": 0, "tpot": 0})
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT


def matrix():
    """Six configurations of a seeded model."""
    return configuration_pb2.Matrix(
        name="six",
        model_ids=["meta-llama/Llama-3.1-8B-Instruct"],
        hardware_ids=["h100-80gb-x1"],
        engine_ids=["vllm"],
        quantization_ids=["fp16", "fp8"],
        workloads=[
            configuration_pb2.WorkloadPattern(
                name="chat", input_tokens=[128], output_tokens=[64], concurrency=[1, 2, 4]
            )
        ],
    )


def test_a_preview_creates_nothing(client):
    runs = len(client.control.ListRuns(control_pb2.ListRunsRequest()).runs)
    preview = client.control.PreviewMatrix(
        control_pb2.PreviewMatrixRequest(matrix=matrix(), sample_size=3)
    )
    assert (preview.configuration_count, preview.feasible_count) == (6, 6)
    assert len(preview.samples) == 3
    assert len(client.control.ListRuns(control_pb2.ListRunsRequest()).runs) == runs


def test_a_run_is_created_watched_and_cancelled(client):
    run = client.create_run(matrix(), requests=4)
    assert run.configuration_count == 6
    assert run.state == control_pb2.RUN_STATE_PENDING
    cancelled = client.control.CancelRun(control_pb2.CancelRunRequest(run_id=run.id)).run
    assert cancelled.state == control_pb2.RUN_STATE_CANCELLED
    numbers = [commit.commit_number for commit in client.watch_run(run.id)]
    assert numbers == list(range(1, len(numbers) + 1)) and numbers
    got = client.control.GetRun(control_pb2.GetRunRequest(run_id=run.id)).run
    assert len(got.batches) == got.batch_count


EXAMPLE = Path(__file__).parents[1] / "examples" / "recommend.py"


def test_a_server_that_is_not_there_is_named():
    with Client("127.0.0.1:1") as nobody, pytest.raises(BenchfrontError) as refused:
        nobody.recommend()
    assert refused.value.code == grpc.StatusCode.UNAVAILABLE
    assert str(refused.value).startswith("the server at 127.0.0.1:1 is not available: ")
    assert "Connection refused" in str(refused.value)


def test_the_example_says_in_a_sentence_why_it_failed():
    finished = subprocess.run(
        [sys.executable, EXAMPLE, "127.0.0.1:1"], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("recommend.py: the server at 127.0.0.1:1 is not available: ")
    assert finished.stdout == ""


def test_the_example_ranks_what_is_known(server, imported):
    finished = subprocess.run(
        [sys.executable, EXAMPLE, server, MODEL], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("2 results considered, 2 feasible\n1. " + MODEL)


def test_a_matrix_without_models_names_the_field(client):
    empty = matrix()
    del empty.model_ids[:]
    with pytest.raises(BenchfrontError) as refused:
        client.create_run(empty)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT
    assert "model" in refused.value.message


def test_an_agent_leases_measures_and_is_acknowledged(client):
    """The whole session by hand: hello, lease, segment, samples, acknowledgement, result."""
    model = "meta-llama/Llama-3.1-8B-Instruct"
    run = client.create_run(matrix(), requests=2)
    inventory = control_pb2.AgentInventory(
        host_name="test", agent_version="0", hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"],
        model_ids=[model], is_simulated=True,
    )
    outbox = queue.Queue()
    session = client.control.AgentSession(iter(outbox.get, None))
    outbox.put(
        control_pb2.AgentSessionRequest(
            hello=control_pb2.AgentHello(agent_id="python", inventory=inventory)
        )
    )
    assert next(session).welcome.sample_credit > 0
    finished = 0
    while finished < 6:
        outbox.put(control_pb2.AgentSessionRequest(lease_request=control_pb2.LeaseRequest()))
        lease = next(session).lease
        assert lease.run_id == run.id
        for item in lease.items:
            measure(outbox, lease, item)
            ack = next(session).ack
            assert ack.execution_id == item.execution_id and ack.commit_number > 0
            finished += 1
        outbox.put(
            control_pb2.AgentSessionRequest(
                lease_release=control_pb2.LeaseRelease(lease=lease.lease)
            )
        )
    agents = client.control.ListAgents(control_pb2.ListAgentsRequest()).agents
    assert [agent.is_connected for agent in agents if agent.id == "python"] == [True]
    outbox.put(None)
    states = [commit.run.state for commit in client.watch_run(run.id) if commit.HasField("run")]
    assert states[-1] == control_pb2.RUN_STATE_COMPLETED
    results = list(client.results(run=run.id))
    assert len(results) == 6
    for entry in results:
        assert entry.result.provenance.kind == result_pb2.PROVENANCE_KIND_SIMULATED
        samples = client.catalog.ListRequestSamples(
            catalog_pb2.ListRequestSamplesRequest(execution_id=entry.result.id)
        ).samples
        assert [sample.request_index for sample in samples] == [0, 1]
    deadline = time.monotonic() + 10
    # Rankings follow new results within a second.
    while not (unasked := client.recommend(models=[model])).exclusions:
        assert time.monotonic() < deadline
    assert unasked.items == [] and list(unasked.exclusions.values()) == [6]
    assert "simulated" in next(iter(unasked.exclusions))
    assert client.recommend(models=[model], provenances=["simulated"]).considered == 6
    front = client.pareto_front(models=[model], provenances=["simulated"])
    assert front.considered_count == 6
    with pytest.raises(ValueError, match="measured, imported"):
        client.recommend(provenances=["guessed"])


def measure(outbox, lease, item):
    """Says what an agent says of one execution with two requests of 0.1 s TTFT."""
    outbox.put(
        control_pb2.AgentSessionRequest(
            execution_event=control_pb2.ExecutionEvent(
                lease=lease.lease,
                execution_id=item.execution_id,
                kind=control_pb2.EXECUTION_EVENT_KIND_SEGMENT_STARTED,
                segment=item.next_segment,
                wall_clock_anchor=timestamp_pb2.Timestamp(seconds=1),
                engine_version="test",
            )
        )
    )
    samples = [
        sample_pb2.RequestSample(
            request_index=index,
            segment=item.next_segment,
            outcome=sample_pb2.REQUEST_OUTCOME_OK,
            http_status=200,
            scheduled_nanoseconds=index * 10**9,
            sent_nanoseconds=index * 10**9,
            first_byte_nanoseconds=index * 10**9 + 10**8,
            first_content_nanoseconds=index * 10**9 + 10**8,
            first_visible_nanoseconds=index * 10**9 + 10**8,
            last_content_nanoseconds=index * 10**9 + 5 * 10**8,
            end_nanoseconds=index * 10**9 + 5 * 10**8,
            input_tokens=128,
            output_tokens=64,
            token_source=sample_pb2.TOKEN_SOURCE_USAGE,
            content_chunks=64,
        )
        for index in range(2)
    ]
    outbox.put(
        control_pb2.AgentSessionRequest(
            samples=control_pb2.SampleBatch(
                lease=lease.lease, execution_id=item.execution_id, sequence=1, samples=samples
            )
        )
    )
