import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ModelKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODEL_KIND_UNSPECIFIED: _ClassVar[ModelKind]
    MODEL_KIND_SELF_HOSTED: _ClassVar[ModelKind]
    MODEL_KIND_HOSTED: _ClassVar[ModelKind]

class PriceBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRICE_BASIS_UNSPECIFIED: _ClassVar[PriceBasis]
    PRICE_BASIS_ON_DEMAND: _ClassVar[PriceBasis]
    PRICE_BASIS_SPOT: _ClassVar[PriceBasis]
MODEL_KIND_UNSPECIFIED: ModelKind
MODEL_KIND_SELF_HOSTED: ModelKind
MODEL_KIND_HOSTED: ModelKind
PRICE_BASIS_UNSPECIFIED: PriceBasis
PRICE_BASIS_ON_DEMAND: PriceBasis
PRICE_BASIS_SPOT: PriceBasis

class Model(_message.Message):
    __slots__ = ("id", "display_name", "kind", "provider", "parameter_count", "layer_count", "key_value_head_count", "head_dimension", "context_length", "license", "revision", "created_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAYER_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEY_VALUE_HEAD_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_DIMENSION_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_LENGTH_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    display_name: str
    kind: ModelKind
    provider: str
    parameter_count: int
    layer_count: int
    key_value_head_count: int
    head_dimension: int
    context_length: int
    license: str
    revision: str
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[_Union[ModelKind, str]] = ..., provider: _Optional[str] = ..., parameter_count: _Optional[int] = ..., layer_count: _Optional[int] = ..., key_value_head_count: _Optional[int] = ..., head_dimension: _Optional[int] = ..., context_length: _Optional[int] = ..., license: _Optional[str] = ..., revision: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HardwareProfile(_message.Message):
    __slots__ = ("id", "accelerator", "vendor", "accelerator_count", "memory_bytes", "memory_bandwidth_bytes_per_second", "power_watts")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACCELERATOR_FIELD_NUMBER: _ClassVar[int]
    VENDOR_FIELD_NUMBER: _ClassVar[int]
    ACCELERATOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BANDWIDTH_BYTES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    POWER_WATTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    accelerator: str
    vendor: str
    accelerator_count: int
    memory_bytes: int
    memory_bandwidth_bytes_per_second: int
    power_watts: float
    def __init__(self, id: _Optional[str] = ..., accelerator: _Optional[str] = ..., vendor: _Optional[str] = ..., accelerator_count: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., memory_bandwidth_bytes_per_second: _Optional[int] = ..., power_watts: _Optional[float] = ...) -> None: ...

class Engine(_message.Message):
    __slots__ = ("id", "display_name", "quantization_ids", "homepage")
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    HOMEPAGE_FIELD_NUMBER: _ClassVar[int]
    id: str
    display_name: str
    quantization_ids: _containers.RepeatedScalarFieldContainer[str]
    homepage: str
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ..., quantization_ids: _Optional[_Iterable[str]] = ..., homepage: _Optional[str] = ...) -> None: ...

class PriceEntry(_message.Message):
    __slots__ = ("id", "hardware_id", "model_id", "basis", "usd_per_hour", "usd_per_million_input_tokens", "usd_per_million_output_tokens", "offer", "region", "source", "observed_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    USD_PER_HOUR_FIELD_NUMBER: _ClassVar[int]
    USD_PER_MILLION_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    USD_PER_MILLION_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    hardware_id: str
    model_id: str
    basis: PriceBasis
    usd_per_hour: float
    usd_per_million_input_tokens: float
    usd_per_million_output_tokens: float
    offer: str
    region: str
    source: str
    observed_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., hardware_id: _Optional[str] = ..., model_id: _Optional[str] = ..., basis: _Optional[_Union[PriceBasis, str]] = ..., usd_per_hour: _Optional[float] = ..., usd_per_million_input_tokens: _Optional[float] = ..., usd_per_million_output_tokens: _Optional[float] = ..., offer: _Optional[str] = ..., region: _Optional[str] = ..., source: _Optional[str] = ..., observed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Workload(_message.Message):
    __slots__ = ("input_tokens", "output_tokens", "concurrency", "max_batch")
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    output_tokens: int
    concurrency: int
    max_batch: int
    def __init__(self, input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., concurrency: _Optional[int] = ..., max_batch: _Optional[int] = ...) -> None: ...

class Configuration(_message.Message):
    __slots__ = ("id", "model_id", "hardware_id", "engine_id", "quantization_id", "workload", "extra_dimensions")
    ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    WORKLOAD_FIELD_NUMBER: _ClassVar[int]
    EXTRA_DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    id: str
    model_id: str
    hardware_id: str
    engine_id: str
    quantization_id: str
    workload: Workload
    extra_dimensions: _containers.RepeatedCompositeFieldContainer[Dimension]
    def __init__(self, id: _Optional[str] = ..., model_id: _Optional[str] = ..., hardware_id: _Optional[str] = ..., engine_id: _Optional[str] = ..., quantization_id: _Optional[str] = ..., workload: _Optional[_Union[Workload, _Mapping]] = ..., extra_dimensions: _Optional[_Iterable[_Union[Dimension, _Mapping]]] = ...) -> None: ...

class Dimension(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class WorkloadPattern(_message.Message):
    __slots__ = ("name", "input_tokens", "output_tokens", "concurrency", "max_batch")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_FIELD_NUMBER: _ClassVar[int]
    name: str
    input_tokens: _containers.RepeatedScalarFieldContainer[int]
    output_tokens: _containers.RepeatedScalarFieldContainer[int]
    concurrency: _containers.RepeatedScalarFieldContainer[int]
    max_batch: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., input_tokens: _Optional[_Iterable[int]] = ..., output_tokens: _Optional[_Iterable[int]] = ..., concurrency: _Optional[_Iterable[int]] = ..., max_batch: _Optional[_Iterable[int]] = ...) -> None: ...

class MatrixRule(_message.Message):
    __slots__ = ("model_ids", "hardware_ids", "engine_ids", "quantization_ids", "input_tokens", "output_tokens", "concurrency", "max_batch")
    MODEL_IDS_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_IDS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_IDS_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_FIELD_NUMBER: _ClassVar[int]
    model_ids: _containers.RepeatedScalarFieldContainer[str]
    hardware_ids: _containers.RepeatedScalarFieldContainer[str]
    engine_ids: _containers.RepeatedScalarFieldContainer[str]
    quantization_ids: _containers.RepeatedScalarFieldContainer[str]
    input_tokens: _containers.RepeatedScalarFieldContainer[int]
    output_tokens: _containers.RepeatedScalarFieldContainer[int]
    concurrency: _containers.RepeatedScalarFieldContainer[int]
    max_batch: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, model_ids: _Optional[_Iterable[str]] = ..., hardware_ids: _Optional[_Iterable[str]] = ..., engine_ids: _Optional[_Iterable[str]] = ..., quantization_ids: _Optional[_Iterable[str]] = ..., input_tokens: _Optional[_Iterable[int]] = ..., output_tokens: _Optional[_Iterable[int]] = ..., concurrency: _Optional[_Iterable[int]] = ..., max_batch: _Optional[_Iterable[int]] = ...) -> None: ...

class Matrix(_message.Message):
    __slots__ = ("name", "model_ids", "hardware_ids", "engine_ids", "quantization_ids", "workloads", "exclude", "include")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_IDS_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_IDS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_IDS_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    WORKLOADS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    name: str
    model_ids: _containers.RepeatedScalarFieldContainer[str]
    hardware_ids: _containers.RepeatedScalarFieldContainer[str]
    engine_ids: _containers.RepeatedScalarFieldContainer[str]
    quantization_ids: _containers.RepeatedScalarFieldContainer[str]
    workloads: _containers.RepeatedCompositeFieldContainer[WorkloadPattern]
    exclude: _containers.RepeatedCompositeFieldContainer[MatrixRule]
    include: _containers.RepeatedCompositeFieldContainer[MatrixRule]
    def __init__(self, name: _Optional[str] = ..., model_ids: _Optional[_Iterable[str]] = ..., hardware_ids: _Optional[_Iterable[str]] = ..., engine_ids: _Optional[_Iterable[str]] = ..., quantization_ids: _Optional[_Iterable[str]] = ..., workloads: _Optional[_Iterable[_Union[WorkloadPattern, _Mapping]]] = ..., exclude: _Optional[_Iterable[_Union[MatrixRule, _Mapping]]] = ..., include: _Optional[_Iterable[_Union[MatrixRule, _Mapping]]] = ...) -> None: ...
