import datetime

from benchfront.v1 import configuration_pb2 as _configuration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Metric(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    METRIC_UNSPECIFIED: _ClassVar[Metric]
    METRIC_TTFT: _ClassVar[Metric]
    METRIC_TPOT: _ClassVar[Metric]
    METRIC_ITL: _ClassVar[Metric]
    METRIC_E2E: _ClassVar[Metric]
    METRIC_OUTPUT_THROUGHPUT: _ClassVar[Metric]
    METRIC_TOTAL_THROUGHPUT: _ClassVar[Metric]
    METRIC_OUTPUT_THROUGHPUT_PER_ACCELERATOR: _ClassVar[Metric]
    METRIC_REQUEST_THROUGHPUT: _ClassVar[Metric]
    METRIC_ERROR_RATE: _ClassVar[Metric]
    METRIC_COST_PER_MILLION_OUTPUT_TOKENS: _ClassVar[Metric]

class Statistic(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATISTIC_UNSPECIFIED: _ClassVar[Statistic]
    STATISTIC_MEAN: _ClassVar[Statistic]
    STATISTIC_P50: _ClassVar[Statistic]
    STATISTIC_P90: _ClassVar[Statistic]
    STATISTIC_P95: _ClassVar[Statistic]
    STATISTIC_P99: _ClassVar[Statistic]
    STATISTIC_TOTAL: _ClassVar[Statistic]
    STATISTIC_UNSTATED: _ClassVar[Statistic]

class ProvenanceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVENANCE_KIND_UNSPECIFIED: _ClassVar[ProvenanceKind]
    PROVENANCE_KIND_MEASURED: _ClassVar[ProvenanceKind]
    PROVENANCE_KIND_IMPORTED: _ClassVar[ProvenanceKind]
    PROVENANCE_KIND_INTERPOLATED: _ClassVar[ProvenanceKind]
    PROVENANCE_KIND_SIMULATED: _ClassVar[ProvenanceKind]
METRIC_UNSPECIFIED: Metric
METRIC_TTFT: Metric
METRIC_TPOT: Metric
METRIC_ITL: Metric
METRIC_E2E: Metric
METRIC_OUTPUT_THROUGHPUT: Metric
METRIC_TOTAL_THROUGHPUT: Metric
METRIC_OUTPUT_THROUGHPUT_PER_ACCELERATOR: Metric
METRIC_REQUEST_THROUGHPUT: Metric
METRIC_ERROR_RATE: Metric
METRIC_COST_PER_MILLION_OUTPUT_TOKENS: Metric
STATISTIC_UNSPECIFIED: Statistic
STATISTIC_MEAN: Statistic
STATISTIC_P50: Statistic
STATISTIC_P90: Statistic
STATISTIC_P95: Statistic
STATISTIC_P99: Statistic
STATISTIC_TOTAL: Statistic
STATISTIC_UNSTATED: Statistic
PROVENANCE_KIND_UNSPECIFIED: ProvenanceKind
PROVENANCE_KIND_MEASURED: ProvenanceKind
PROVENANCE_KIND_IMPORTED: ProvenanceKind
PROVENANCE_KIND_INTERPOLATED: ProvenanceKind
PROVENANCE_KIND_SIMULATED: ProvenanceKind

class Provenance(_message.Message):
    __slots__ = ("kind", "tool", "tool_version", "source", "engine_version", "model_revision")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    TOOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_REVISION_FIELD_NUMBER: _ClassVar[int]
    kind: ProvenanceKind
    tool: str
    tool_version: str
    source: str
    engine_version: str
    model_revision: str
    def __init__(self, kind: _Optional[_Union[ProvenanceKind, str]] = ..., tool: _Optional[str] = ..., tool_version: _Optional[str] = ..., source: _Optional[str] = ..., engine_version: _Optional[str] = ..., model_revision: _Optional[str] = ...) -> None: ...

class Interval(_message.Message):
    __slots__ = ("low", "high", "confidence")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    confidence: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ..., confidence: _Optional[float] = ...) -> None: ...

class Measurement(_message.Message):
    __slots__ = ("metric", "statistic", "value", "sample_count", "interval", "certified", "definition")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    STATISTIC_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    CERTIFIED_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    metric: Metric
    statistic: Statistic
    value: float
    sample_count: int
    interval: Interval
    certified: CertifiedValue
    definition: str
    def __init__(self, metric: _Optional[_Union[Metric, str]] = ..., statistic: _Optional[_Union[Statistic, str]] = ..., value: _Optional[float] = ..., sample_count: _Optional[int] = ..., interval: _Optional[_Union[Interval, _Mapping]] = ..., certified: _Optional[_Union[CertifiedValue, _Mapping]] = ..., definition: _Optional[str] = ...) -> None: ...

class CertifiedValue(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: float
    def __init__(self, value: _Optional[float] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("id", "configuration_id", "run_id", "provenance", "measured_at", "request_count", "error_count", "measurements")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    MEASURED_AT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEASUREMENTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    configuration_id: str
    run_id: str
    provenance: Provenance
    measured_at: _timestamp_pb2.Timestamp
    request_count: int
    error_count: int
    measurements: _containers.RepeatedCompositeFieldContainer[Measurement]
    def __init__(self, id: _Optional[str] = ..., configuration_id: _Optional[str] = ..., run_id: _Optional[str] = ..., provenance: _Optional[_Union[Provenance, _Mapping]] = ..., measured_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_count: _Optional[int] = ..., error_count: _Optional[int] = ..., measurements: _Optional[_Iterable[_Union[Measurement, _Mapping]]] = ...) -> None: ...

class ConfigurationResult(_message.Message):
    __slots__ = ("configuration", "result")
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    configuration: _configuration_pb2.Configuration
    result: Result
    def __init__(self, configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ...) -> None: ...
