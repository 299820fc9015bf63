import datetime

from benchfront.v1 import access_pb2 as _access_pb2
from benchfront.v1 import configuration_pb2 as _configuration_pb2
from benchfront.v1 import result_pb2 as _result_pb2
from benchfront.v1 import sample_pb2 as _sample_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterModelRequest(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: _configuration_pb2.Model
    def __init__(self, model: _Optional[_Union[_configuration_pb2.Model, _Mapping]] = ...) -> None: ...

class RegisterModelResponse(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: _configuration_pb2.Model
    def __init__(self, model: _Optional[_Union[_configuration_pb2.Model, _Mapping]] = ...) -> None: ...

class GetModelRequest(_message.Message):
    __slots__ = ("model_id",)
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    model_id: str
    def __init__(self, model_id: _Optional[str] = ...) -> None: ...

class GetModelResponse(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: _configuration_pb2.Model
    def __init__(self, model: _Optional[_Union[_configuration_pb2.Model, _Mapping]] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "kind")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    kind: _configuration_pb2.ModelKind
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kind: _Optional[_Union[_configuration_pb2.ModelKind, str]] = ...) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models", "next_page_token")
    MODELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.Model]
    next_page_token: str
    def __init__(self, models: _Optional[_Iterable[_Union[_configuration_pb2.Model, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RegisterHardwareRequest(_message.Message):
    __slots__ = ("hardware",)
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    hardware: _configuration_pb2.HardwareProfile
    def __init__(self, hardware: _Optional[_Union[_configuration_pb2.HardwareProfile, _Mapping]] = ...) -> None: ...

class RegisterHardwareResponse(_message.Message):
    __slots__ = ("hardware",)
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    hardware: _configuration_pb2.HardwareProfile
    def __init__(self, hardware: _Optional[_Union[_configuration_pb2.HardwareProfile, _Mapping]] = ...) -> None: ...

class GetHardwareRequest(_message.Message):
    __slots__ = ("hardware_id",)
    HARDWARE_ID_FIELD_NUMBER: _ClassVar[int]
    hardware_id: str
    def __init__(self, hardware_id: _Optional[str] = ...) -> None: ...

class GetHardwareResponse(_message.Message):
    __slots__ = ("hardware",)
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    hardware: _configuration_pb2.HardwareProfile
    def __init__(self, hardware: _Optional[_Union[_configuration_pb2.HardwareProfile, _Mapping]] = ...) -> None: ...

class ListHardwareRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListHardwareResponse(_message.Message):
    __slots__ = ("hardware", "next_page_token")
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    hardware: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.HardwareProfile]
    next_page_token: str
    def __init__(self, hardware: _Optional[_Iterable[_Union[_configuration_pb2.HardwareProfile, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RegisterEngineRequest(_message.Message):
    __slots__ = ("engine",)
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    engine: _configuration_pb2.Engine
    def __init__(self, engine: _Optional[_Union[_configuration_pb2.Engine, _Mapping]] = ...) -> None: ...

class RegisterEngineResponse(_message.Message):
    __slots__ = ("engine",)
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    engine: _configuration_pb2.Engine
    def __init__(self, engine: _Optional[_Union[_configuration_pb2.Engine, _Mapping]] = ...) -> None: ...

class GetEngineRequest(_message.Message):
    __slots__ = ("engine_id",)
    ENGINE_ID_FIELD_NUMBER: _ClassVar[int]
    engine_id: str
    def __init__(self, engine_id: _Optional[str] = ...) -> None: ...

class GetEngineResponse(_message.Message):
    __slots__ = ("engine",)
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    engine: _configuration_pb2.Engine
    def __init__(self, engine: _Optional[_Union[_configuration_pb2.Engine, _Mapping]] = ...) -> None: ...

class ListEnginesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEnginesResponse(_message.Message):
    __slots__ = ("engines", "next_page_token")
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    engines: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.Engine]
    next_page_token: str
    def __init__(self, engines: _Optional[_Iterable[_Union[_configuration_pb2.Engine, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RegisterPriceRequest(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _configuration_pb2.PriceEntry
    def __init__(self, price: _Optional[_Union[_configuration_pb2.PriceEntry, _Mapping]] = ...) -> None: ...

class RegisterPriceResponse(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _configuration_pb2.PriceEntry
    def __init__(self, price: _Optional[_Union[_configuration_pb2.PriceEntry, _Mapping]] = ...) -> None: ...

class GetPriceRequest(_message.Message):
    __slots__ = ("price_id",)
    PRICE_ID_FIELD_NUMBER: _ClassVar[int]
    price_id: str
    def __init__(self, price_id: _Optional[str] = ...) -> None: ...

class GetPriceResponse(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _configuration_pb2.PriceEntry
    def __init__(self, price: _Optional[_Union[_configuration_pb2.PriceEntry, _Mapping]] = ...) -> None: ...

class ListPricesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "hardware_id", "model_id", "basis")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    hardware_id: str
    model_id: str
    basis: _configuration_pb2.PriceBasis
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., hardware_id: _Optional[str] = ..., model_id: _Optional[str] = ..., basis: _Optional[_Union[_configuration_pb2.PriceBasis, str]] = ...) -> None: ...

class ListPricesResponse(_message.Message):
    __slots__ = ("prices", "next_page_token")
    PRICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    prices: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.PriceEntry]
    next_page_token: str
    def __init__(self, prices: _Optional[_Iterable[_Union[_configuration_pb2.PriceEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ConfigurationFilter(_message.Message):
    __slots__ = ("model_ids", "hardware_ids", "accelerators", "engine_ids", "quantization_ids", "min_input_tokens", "max_input_tokens", "min_output_tokens", "max_output_tokens", "min_concurrency", "max_concurrency")
    MODEL_IDS_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_IDS_FIELD_NUMBER: _ClassVar[int]
    ACCELERATORS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_IDS_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    MIN_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MIN_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MIN_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    model_ids: _containers.RepeatedScalarFieldContainer[str]
    hardware_ids: _containers.RepeatedScalarFieldContainer[str]
    accelerators: _containers.RepeatedScalarFieldContainer[str]
    engine_ids: _containers.RepeatedScalarFieldContainer[str]
    quantization_ids: _containers.RepeatedScalarFieldContainer[str]
    min_input_tokens: int
    max_input_tokens: int
    min_output_tokens: int
    max_output_tokens: int
    min_concurrency: int
    max_concurrency: int
    def __init__(self, model_ids: _Optional[_Iterable[str]] = ..., hardware_ids: _Optional[_Iterable[str]] = ..., accelerators: _Optional[_Iterable[str]] = ..., engine_ids: _Optional[_Iterable[str]] = ..., quantization_ids: _Optional[_Iterable[str]] = ..., min_input_tokens: _Optional[int] = ..., max_input_tokens: _Optional[int] = ..., min_output_tokens: _Optional[int] = ..., max_output_tokens: _Optional[int] = ..., min_concurrency: _Optional[int] = ..., max_concurrency: _Optional[int] = ...) -> None: ...

class ListConfigurationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "order_by")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: ConfigurationFilter
    order_by: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[_Union[ConfigurationFilter, _Mapping]] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListConfigurationsResponse(_message.Message):
    __slots__ = ("configurations", "next_page_token")
    CONFIGURATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    configurations: _containers.RepeatedCompositeFieldContainer[_configuration_pb2.Configuration]
    next_page_token: str
    def __init__(self, configurations: _Optional[_Iterable[_Union[_configuration_pb2.Configuration, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetConfigurationRequest(_message.Message):
    __slots__ = ("configuration_id",)
    CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    configuration_id: str
    def __init__(self, configuration_id: _Optional[str] = ...) -> None: ...

class GetConfigurationResponse(_message.Message):
    __slots__ = ("configuration", "results")
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    configuration: _configuration_pb2.Configuration
    results: _containers.RepeatedCompositeFieldContainer[_result_pb2.Result]
    def __init__(self, configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., results: _Optional[_Iterable[_Union[_result_pb2.Result, _Mapping]]] = ...) -> None: ...

class ListResultsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "run_id", "provenance", "order_by")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: ConfigurationFilter
    run_id: str
    provenance: _result_pb2.ProvenanceKind
    order_by: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[_Union[ConfigurationFilter, _Mapping]] = ..., run_id: _Optional[str] = ..., provenance: _Optional[_Union[_result_pb2.ProvenanceKind, str]] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListResultsResponse(_message.Message):
    __slots__ = ("results", "next_page_token")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_result_pb2.ConfigurationResult]
    next_page_token: str
    def __init__(self, results: _Optional[_Iterable[_Union[_result_pb2.ConfigurationResult, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListRequestSamplesRequest(_message.Message):
    __slots__ = ("execution_id", "page_size", "page_token")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    page_size: int
    page_token: str
    def __init__(self, execution_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRequestSamplesResponse(_message.Message):
    __slots__ = ("samples", "next_page_token")
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    samples: _containers.RepeatedCompositeFieldContainer[_sample_pb2.RequestSample]
    next_page_token: str
    def __init__(self, samples: _Optional[_Iterable[_Union[_sample_pb2.RequestSample, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListAuditRecordsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAuditRecordsResponse(_message.Message):
    __slots__ = ("records", "next_page_token")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[AuditRecord]
    next_page_token: str
    def __init__(self, records: _Optional[_Iterable[_Union[AuditRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AuditRecord(_message.Message):
    __slots__ = ("id", "recorded_at", "caller", "roles", "method", "subject", "code")
    ID_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    id: int
    recorded_at: _timestamp_pb2.Timestamp
    caller: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    method: str
    subject: str
    code: int
    def __init__(self, id: _Optional[int] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., caller: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., method: _Optional[str] = ..., subject: _Optional[str] = ..., code: _Optional[int] = ...) -> None: ...

class ImportResultsRequest(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: ImportHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[ImportHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class ImportHeader(_message.Message):
    __slots__ = ("format", "source", "tool_version", "dry_run")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TOOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    format: str
    source: str
    tool_version: str
    dry_run: bool
    def __init__(self, format: _Optional[str] = ..., source: _Optional[str] = ..., tool_version: _Optional[str] = ..., dry_run: bool = ...) -> None: ...

class ImportResultsResponse(_message.Message):
    __slots__ = ("format", "row_count", "result_count", "duplicate_count", "new_model_count", "new_hardware_count", "skipped")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_MODEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEW_HARDWARE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    format: str
    row_count: int
    result_count: int
    duplicate_count: int
    new_model_count: int
    new_hardware_count: int
    skipped: _containers.RepeatedCompositeFieldContainer[SkippedRows]
    def __init__(self, format: _Optional[str] = ..., row_count: _Optional[int] = ..., result_count: _Optional[int] = ..., duplicate_count: _Optional[int] = ..., new_model_count: _Optional[int] = ..., new_hardware_count: _Optional[int] = ..., skipped: _Optional[_Iterable[_Union[SkippedRows, _Mapping]]] = ...) -> None: ...

class SkippedRows(_message.Message):
    __slots__ = ("reason", "count", "first_line")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_LINE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    first_line: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ..., first_line: _Optional[int] = ...) -> None: ...
