"""A small run, and an agent that takes it and measures nothing."""

import contextlib
import queue

from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import configuration_pb2


def one_configuration():
    """A matrix of one configuration."""
    return configuration_pb2.Matrix(
        name="one", model_ids=["meta-llama/Llama-3.1-8B-Instruct"],
        hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"], quantization_ids=["fp8"],
        workloads=[
            configuration_pb2.WorkloadPattern(
                name="chat", input_tokens=[128], output_tokens=[64], concurrency=[1]
            )
        ],
    )


@contextlib.contextmanager
def taken_run(client):
    """A run that an agent holds while the body runs; its first commit says that it is running."""
    run = client.create_run(one_configuration(), requests=1)
    requests = queue.Queue()
    inventory = control_pb2.AgentInventory(
        host_name="h", agent_version="1", hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"]
    )
    requests.put(
        control_pb2.AgentSessionRequest(
            hello=control_pb2.AgentHello(agent_id="idle", inventory=inventory)
        )
    )
    answers = client.control.AgentSession(iter(requests.get, None))
    try:
        assert next(answers).HasField("welcome")
        requests.put(control_pb2.AgentSessionRequest(lease_request=control_pb2.LeaseRequest()))
        assert next(answers).HasField("lease")
        yield run
    finally:
        requests.put(None)
        answers.cancel()
