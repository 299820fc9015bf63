import datetime

from benchfront.v1 import access_pb2 as _access_pb2
from benchfront.v1 import configuration_pb2 as _configuration_pb2
from benchfront.v1 import sample_pb2 as _sample_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InfeasibilityReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INFEASIBILITY_REASON_UNSPECIFIED: _ClassVar[InfeasibilityReason]
    INFEASIBILITY_REASON_WEIGHTS_DO_NOT_FIT: _ClassVar[InfeasibilityReason]
    INFEASIBILITY_REASON_KV_CACHE_DOES_NOT_FIT: _ClassVar[InfeasibilityReason]
    INFEASIBILITY_REASON_UNSUPPORTED_QUANTIZATION: _ClassVar[InfeasibilityReason]
    INFEASIBILITY_REASON_CONTEXT_TOO_LONG: _ClassVar[InfeasibilityReason]
    INFEASIBILITY_REASON_HOSTED_MODEL: _ClassVar[InfeasibilityReason]

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STATE_UNSPECIFIED: _ClassVar[RunState]
    RUN_STATE_PENDING: _ClassVar[RunState]
    RUN_STATE_RUNNING: _ClassVar[RunState]
    RUN_STATE_COMPLETED: _ClassVar[RunState]
    RUN_STATE_FAILED: _ClassVar[RunState]
    RUN_STATE_CANCELLED: _ClassVar[RunState]

class BatchState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BATCH_STATE_UNSPECIFIED: _ClassVar[BatchState]
    BATCH_STATE_PENDING: _ClassVar[BatchState]
    BATCH_STATE_LEASED: _ClassVar[BatchState]
    BATCH_STATE_COMPLETED: _ClassVar[BatchState]
    BATCH_STATE_CANCELLED: _ClassVar[BatchState]

class ExecutionEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_EVENT_KIND_UNSPECIFIED: _ClassVar[ExecutionEventKind]
    EXECUTION_EVENT_KIND_SEGMENT_STARTED: _ClassVar[ExecutionEventKind]
    EXECUTION_EVENT_KIND_FAILED: _ClassVar[ExecutionEventKind]
    EXECUTION_EVENT_KIND_FINISHED: _ClassVar[ExecutionEventKind]

class ExecutionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_STATE_UNSPECIFIED: _ClassVar[ExecutionState]
    EXECUTION_STATE_PENDING: _ClassVar[ExecutionState]
    EXECUTION_STATE_RUNNING: _ClassVar[ExecutionState]
    EXECUTION_STATE_COMPLETED: _ClassVar[ExecutionState]
    EXECUTION_STATE_FAILED: _ClassVar[ExecutionState]
    EXECUTION_STATE_CANCELLED: _ClassVar[ExecutionState]
INFEASIBILITY_REASON_UNSPECIFIED: InfeasibilityReason
INFEASIBILITY_REASON_WEIGHTS_DO_NOT_FIT: InfeasibilityReason
INFEASIBILITY_REASON_KV_CACHE_DOES_NOT_FIT: InfeasibilityReason
INFEASIBILITY_REASON_UNSUPPORTED_QUANTIZATION: InfeasibilityReason
INFEASIBILITY_REASON_CONTEXT_TOO_LONG: InfeasibilityReason
INFEASIBILITY_REASON_HOSTED_MODEL: InfeasibilityReason
RUN_STATE_UNSPECIFIED: RunState
RUN_STATE_PENDING: RunState
RUN_STATE_RUNNING: RunState
RUN_STATE_COMPLETED: RunState
RUN_STATE_FAILED: RunState
RUN_STATE_CANCELLED: RunState
BATCH_STATE_UNSPECIFIED: BatchState
BATCH_STATE_PENDING: BatchState
BATCH_STATE_LEASED: BatchState
BATCH_STATE_COMPLETED: BatchState
BATCH_STATE_CANCELLED: BatchState
EXECUTION_EVENT_KIND_UNSPECIFIED: ExecutionEventKind
EXECUTION_EVENT_KIND_SEGMENT_STARTED: ExecutionEventKind
EXECUTION_EVENT_KIND_FAILED: ExecutionEventKind
EXECUTION_EVENT_KIND_FINISHED: ExecutionEventKind
EXECUTION_STATE_UNSPECIFIED: ExecutionState
EXECUTION_STATE_PENDING: ExecutionState
EXECUTION_STATE_RUNNING: ExecutionState
EXECUTION_STATE_COMPLETED: ExecutionState
EXECUTION_STATE_FAILED: ExecutionState
EXECUTION_STATE_CANCELLED: ExecutionState

class PreviewMatrixRequest(_message.Message):
    __slots__ = ("matrix", "sample_size")
    MATRIX_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    matrix: _configuration_pb2.Matrix
    sample_size: int
    def __init__(self, matrix: _Optional[_Union[_configuration_pb2.Matrix, _Mapping]] = ..., sample_size: _Optional[int] = ...) -> None: ...

class PreviewMatrixResponse(_message.Message):
    __slots__ = ("configuration_count", "feasible_count", "batch_count", "infeasible", "samples")
    CONFIGURATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    FEASIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    BATCH_COUNT_FIELD_NUMBER: _ClassVar[int]
    INFEASIBLE_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    configuration_count: int
    feasible_count: int
    batch_count: int
    infeasible: _containers.RepeatedCompositeFieldContainer[InfeasibleGroup]
    samples: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.Configuration]
    def __init__(self, configuration_count: _Optional[int] = ..., feasible_count: _Optional[int] = ..., batch_count: _Optional[int] = ..., infeasible: _Optional[_Iterable[_Union[InfeasibleGroup, _Mapping]]] = ..., samples: _Optional[_Iterable[_Union[_configuration_pb2.Configuration, _Mapping]]] = ...) -> None: ...

class InfeasibleGroup(_message.Message):
    __slots__ = ("reason", "description", "count", "example")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    reason: InfeasibilityReason
    description: str
    count: int
    example: _configuration_pb2.Configuration
    def __init__(self, reason: _Optional[_Union[InfeasibilityReason, str]] = ..., description: _Optional[str] = ..., count: _Optional[int] = ..., example: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("id", "name", "state", "requests_per_configuration", "warmup_requests", "seed", "configuration_count", "completed_count", "failed_count", "infeasible_count", "committed_sample_count", "batch_count", "commit_number", "created_at", "started_at", "ended_at", "batches")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    WARMUP_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    INFEASIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    BATCH_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMMIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    state: RunState
    requests_per_configuration: int
    warmup_requests: int
    seed: int
    configuration_count: int
    completed_count: int
    failed_count: int
    infeasible_count: int
    committed_sample_count: int
    batch_count: int
    commit_number: int
    created_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    batches: _containers.RepeatedCompositeFieldContainer[Batch]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., requests_per_configuration: _Optional[int] = ..., warmup_requests: _Optional[int] = ..., seed: _Optional[int] = ..., configuration_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., infeasible_count: _Optional[int] = ..., committed_sample_count: _Optional[int] = ..., batch_count: _Optional[int] = ..., commit_number: _Optional[int] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., batches: _Optional[_Iterable[_Union[Batch, _Mapping]]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("id", "index", "state", "hardware_id", "configuration_count", "ended_count", "agent_id", "fencing_token", "lease_expires_at", "model_id", "engine_id", "quantization_id", "lacks_agent", "failed_count", "first_failure")
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    LACKS_AGENT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: int
    state: BatchState
    hardware_id: str
    configuration_count: int
    ended_count: int
    agent_id: str
    fencing_token: int
    lease_expires_at: _timestamp_pb2.Timestamp
    model_id: str
    engine_id: str
    quantization_id: str
    lacks_agent: bool
    failed_count: int
    first_failure: str
    def __init__(self, id: _Optional[str] = ..., index: _Optional[int] = ..., state: _Optional[_Union[BatchState, str]] = ..., hardware_id: _Optional[str] = ..., configuration_count: _Optional[int] = ..., ended_count: _Optional[int] = ..., agent_id: _Optional[str] = ..., fencing_token: _Optional[int] = ..., lease_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., model_id: _Optional[str] = ..., engine_id: _Optional[str] = ..., quantization_id: _Optional[str] = ..., lacks_agent: bool = ..., failed_count: _Optional[int] = ..., first_failure: _Optional[str] = ...) -> None: ...

class CreateRunRequest(_message.Message):
    __slots__ = ("name", "matrix", "requests_per_configuration", "warmup_requests", "seed", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MATRIX_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    WARMUP_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    matrix: _configuration_pb2.Matrix
    requests_per_configuration: int
    warmup_requests: int
    seed: int
    request_id: str
    def __init__(self, name: _Optional[str] = ..., matrix: _Optional[_Union[_configuration_pb2.Matrix, _Mapping]] = ..., requests_per_configuration: _Optional[int] = ..., warmup_requests: _Optional[int] = ..., seed: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: Run
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class GetRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: Run
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: RunState
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class CancelRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: Run
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class ListAgentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAgentsResponse(_message.Message):
    __slots__ = ("agents", "next_page_token")
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedCompositeFieldContainer[Agent]
    next_page_token: str
    def __init__(self, agents: _Optional[_Iterable[_Union[Agent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Agent(_message.Message):
    __slots__ = ("id", "inventory", "is_connected", "last_seen_at", "batch_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    INVENTORY_FIELD_NUMBER: _ClassVar[int]
    IS_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_AT_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    inventory: AgentInventory
    is_connected: bool
    last_seen_at: _timestamp_pb2.Timestamp
    batch_id: str
    def __init__(self, id: _Optional[str] = ..., inventory: _Optional[_Union[AgentInventory, _Mapping]] = ..., is_connected: bool = ..., last_seen_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., batch_id: _Optional[str] = ...) -> None: ...

class AgentInventory(_message.Message):
    __slots__ = ("host_name", "agent_version", "hardware_ids", "engine_ids", "model_ids", "quantization_ids", "is_simulated")
    HOST_NAME_FIELD_NUMBER: _ClassVar[int]
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_IDS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_IDS_FIELD_NUMBER: _ClassVar[int]
    MODEL_IDS_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    IS_SIMULATED_FIELD_NUMBER: _ClassVar[int]
    host_name: str
    agent_version: str
    hardware_ids: _containers.RepeatedScalarFieldContainer[str]
    engine_ids: _containers.RepeatedScalarFieldContainer[str]
    model_ids: _containers.RepeatedScalarFieldContainer[str]
    quantization_ids: _containers.RepeatedScalarFieldContainer[str]
    is_simulated: bool
    def __init__(self, host_name: _Optional[str] = ..., agent_version: _Optional[str] = ..., hardware_ids: _Optional[_Iterable[str]] = ..., engine_ids: _Optional[_Iterable[str]] = ..., model_ids: _Optional[_Iterable[str]] = ..., quantization_ids: _Optional[_Iterable[str]] = ..., is_simulated: bool = ...) -> None: ...

class AgentSessionRequest(_message.Message):
    __slots__ = ("hello", "lease_request", "execution_event", "samples", "heartbeat", "lease_release")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    LEASE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_EVENT_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    LEASE_RELEASE_FIELD_NUMBER: _ClassVar[int]
    hello: AgentHello
    lease_request: LeaseRequest
    execution_event: ExecutionEvent
    samples: SampleBatch
    heartbeat: Heartbeat
    lease_release: LeaseRelease
    def __init__(self, hello: _Optional[_Union[AgentHello, _Mapping]] = ..., lease_request: _Optional[_Union[LeaseRequest, _Mapping]] = ..., execution_event: _Optional[_Union[ExecutionEvent, _Mapping]] = ..., samples: _Optional[_Union[SampleBatch, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., lease_release: _Optional[_Union[LeaseRelease, _Mapping]] = ...) -> None: ...

class AgentHello(_message.Message):
    __slots__ = ("agent_id", "inventory", "held_leases")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    INVENTORY_FIELD_NUMBER: _ClassVar[int]
    HELD_LEASES_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    inventory: AgentInventory
    held_leases: _containers.RepeatedCompositeFieldContainer[LeaseReference]
    def __init__(self, agent_id: _Optional[str] = ..., inventory: _Optional[_Union[AgentInventory, _Mapping]] = ..., held_leases: _Optional[_Iterable[_Union[LeaseReference, _Mapping]]] = ...) -> None: ...

class LeaseReference(_message.Message):
    __slots__ = ("batch_id", "fencing_token")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKEN_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    fencing_token: int
    def __init__(self, batch_id: _Optional[str] = ..., fencing_token: _Optional[int] = ...) -> None: ...

class LeaseRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExecutionEvent(_message.Message):
    __slots__ = ("lease", "execution_id", "kind", "segment", "wall_clock_anchor", "engine_version", "model_revision", "failure")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    WALL_CLOCK_ANCHOR_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_REVISION_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    execution_id: str
    kind: ExecutionEventKind
    segment: int
    wall_clock_anchor: _timestamp_pb2.Timestamp
    engine_version: str
    model_revision: str
    failure: str
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ..., execution_id: _Optional[str] = ..., kind: _Optional[_Union[ExecutionEventKind, str]] = ..., segment: _Optional[int] = ..., wall_clock_anchor: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., engine_version: _Optional[str] = ..., model_revision: _Optional[str] = ..., failure: _Optional[str] = ...) -> None: ...

class SampleBatch(_message.Message):
    __slots__ = ("lease", "execution_id", "sequence", "samples")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    execution_id: str
    sequence: int
    samples: _containers.RepeatedCompositeFieldContainer[_sample_pb2.RequestSample]
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ..., execution_id: _Optional[str] = ..., sequence: _Optional[int] = ..., samples: _Optional[_Iterable[_Union[_sample_pb2.RequestSample, _Mapping]]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("lease",)
    LEASE_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ...) -> None: ...

class LeaseRelease(_message.Message):
    __slots__ = ("lease", "reason")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    reason: str
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AgentSessionResponse(_message.Message):
    __slots__ = ("welcome", "lease", "no_work", "ack", "revoked", "heartbeat")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    NO_WORK_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    lease: LeaseGrant
    no_work: NoWork
    ack: SampleAck
    revoked: LeaseRevoked
    heartbeat: HeartbeatEcho
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., lease: _Optional[_Union[LeaseGrant, _Mapping]] = ..., no_work: _Optional[_Union[NoWork, _Mapping]] = ..., ack: _Optional[_Union[SampleAck, _Mapping]] = ..., revoked: _Optional[_Union[LeaseRevoked, _Mapping]] = ..., heartbeat: _Optional[_Union[HeartbeatEcho, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("session_id", "sample_credit", "lease_duration", "heartbeat_interval")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_CREDIT_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sample_credit: int
    lease_duration: _duration_pb2.Duration
    heartbeat_interval: _duration_pb2.Duration
    def __init__(self, session_id: _Optional[str] = ..., sample_credit: _Optional[int] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class LeaseGrant(_message.Message):
    __slots__ = ("lease", "run_id", "requests_per_configuration", "warmup_requests", "seed", "items", "models")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    WARMUP_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    run_id: str
    requests_per_configuration: int
    warmup_requests: int
    seed: int
    items: _containers.RepeatedCompositeFieldContainer[WorkItem]
    models: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.Model]
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ..., run_id: _Optional[str] = ..., requests_per_configuration: _Optional[int] = ..., warmup_requests: _Optional[int] = ..., seed: _Optional[int] = ..., items: _Optional[_Iterable[_Union[WorkItem, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[_configuration_pb2.Model, _Mapping]]] = ...) -> None: ...

class WorkItem(_message.Message):
    __slots__ = ("execution_id", "configuration", "committed_requests", "next_segment")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEGMENT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    configuration: _configuration_pb2.Configuration
    committed_requests: bytes
    next_segment: int
    def __init__(self, execution_id: _Optional[str] = ..., configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., committed_requests: _Optional[bytes] = ..., next_segment: _Optional[int] = ...) -> None: ...

class NoWork(_message.Message):
    __slots__ = ("retry_after",)
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    retry_after: _duration_pb2.Duration
    def __init__(self, retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SampleAck(_message.Message):
    __slots__ = ("execution_id", "sequence", "commit_number")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COMMIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    sequence: int
    commit_number: int
    def __init__(self, execution_id: _Optional[str] = ..., sequence: _Optional[int] = ..., commit_number: _Optional[int] = ...) -> None: ...

class LeaseRevoked(_message.Message):
    __slots__ = ("lease", "code", "reason")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lease: LeaseReference
    code: int
    reason: str
    def __init__(self, lease: _Optional[_Union[LeaseReference, _Mapping]] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class HeartbeatEcho(_message.Message):
    __slots__ = ("server_time",)
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    server_time: _timestamp_pb2.Timestamp
    def __init__(self, server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ("run_id", "after_commit_number", "states_only")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_COMMIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATES_ONLY_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    after_commit_number: int
    states_only: bool
    def __init__(self, run_id: _Optional[str] = ..., after_commit_number: _Optional[int] = ..., states_only: bool = ...) -> None: ...

class WatchRunResponse(_message.Message):
    __slots__ = ("commit_number", "committed_at", "samples", "execution", "run")
    COMMIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    commit_number: int
    committed_at: _timestamp_pb2.Timestamp
    samples: WatchedSamples
    execution: ExecutionChange
    run: Run
    def __init__(self, commit_number: _Optional[int] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., samples: _Optional[_Union[WatchedSamples, _Mapping]] = ..., execution: _Optional[_Union[ExecutionChange, _Mapping]] = ..., run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class WatchedSamples(_message.Message):
    __slots__ = ("execution_id", "configuration_id", "samples")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    configuration_id: str
    samples: _containers.RepeatedCompositeFieldContainer[_sample_pb2.RequestSample]
    def __init__(self, execution_id: _Optional[str] = ..., configuration_id: _Optional[str] = ..., samples: _Optional[_Iterable[_Union[_sample_pb2.RequestSample, _Mapping]]] = ...) -> None: ...

class ExecutionChange(_message.Message):
    __slots__ = ("execution_id", "configuration", "state", "failure", "agent_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    configuration: _configuration_pb2.Configuration
    state: ExecutionState
    failure: str
    agent_id: str
    def __init__(self, execution_id: _Optional[str] = ..., configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., state: _Optional[_Union[ExecutionState, str]] = ..., failure: _Optional[str] = ..., agent_id: _Optional[str] = ...) -> None: ...
