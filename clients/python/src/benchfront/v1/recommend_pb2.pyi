import datetime

from benchfront.v1 import access_pb2 as _access_pb2
from benchfront.v1 import catalog_pb2 as _catalog_pb2
from benchfront.v1 import configuration_pb2 as _configuration_pb2
from benchfront.v1 import result_pb2 as _result_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Objective(_message.Message):
    __slots__ = ("metric", "statistic", "at_most", "at_least")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    STATISTIC_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    metric: _result_pb2.Metric
    statistic: _result_pb2.Statistic
    at_most: float
    at_least: float
    def __init__(self, metric: _Optional[_Union[_result_pb2.Metric, str]] = ..., statistic: _Optional[_Union[_result_pb2.Statistic, str]] = ..., at_most: _Optional[float] = ..., at_least: _Optional[float] = ...) -> None: ...

class Criterion(_message.Message):
    __slots__ = ("metric", "statistic", "weight")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    STATISTIC_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    metric: _result_pb2.Metric
    statistic: _result_pb2.Statistic
    weight: float
    def __init__(self, metric: _Optional[_Union[_result_pb2.Metric, str]] = ..., statistic: _Optional[_Union[_result_pb2.Statistic, str]] = ..., weight: _Optional[float] = ...) -> None: ...

class RecommendConfigurationsRequest(_message.Message):
    __slots__ = ("filter", "objectives", "criteria", "price_basis", "top_k", "provenances")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    CRITERIA_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    PROVENANCES_FIELD_NUMBER: _ClassVar[int]
    filter: _catalog_pb2.ConfigurationFilter
    objectives: _containers.RepeatedCompositeFieldContainer[Objective]
    criteria: _containers.RepeatedCompositeFieldContainer[Criterion]
    price_basis: _configuration_pb2.PriceBasis
    top_k: int
    provenances: _containers.RepeatedScalarFieldContainer[_result_pb2.ProvenanceKind]
    def __init__(self, filter: _Optional[_Union[_catalog_pb2.ConfigurationFilter, _Mapping]] = ..., objectives: _Optional[_Iterable[_Union[Objective, _Mapping]]] = ..., criteria: _Optional[_Iterable[_Union[Criterion, _Mapping]]] = ..., price_basis: _Optional[_Union[_configuration_pb2.PriceBasis, str]] = ..., top_k: _Optional[int] = ..., provenances: _Optional[_Iterable[_Union[_result_pb2.ProvenanceKind, str]]] = ...) -> None: ...

class CriterionBounds(_message.Message):
    __slots__ = ("criterion", "ideal", "anti_ideal")
    CRITERION_FIELD_NUMBER: _ClassVar[int]
    IDEAL_FIELD_NUMBER: _ClassVar[int]
    ANTI_IDEAL_FIELD_NUMBER: _ClassVar[int]
    criterion: Criterion
    ideal: float
    anti_ideal: float
    def __init__(self, criterion: _Optional[_Union[Criterion, _Mapping]] = ..., ideal: _Optional[float] = ..., anti_ideal: _Optional[float] = ...) -> None: ...

class Exclusion(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class RankedConfiguration(_message.Message):
    __slots__ = ("rank", "score", "configuration", "result", "figures", "on_pareto_front", "price")
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    ON_PARETO_FRONT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    rank: int
    score: float
    configuration: _configuration_pb2.Configuration
    result: _result_pb2.Result
    figures: _containers.RepeatedCompositeFieldContainer[_result_pb2.Measurement]
    on_pareto_front: bool
    price: _configuration_pb2.PriceEntry
    def __init__(self, rank: _Optional[int] = ..., score: _Optional[float] = ..., configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., result: _Optional[_Union[_result_pb2.Result, _Mapping]] = ..., figures: _Optional[_Iterable[_Union[_result_pb2.Measurement, _Mapping]]] = ..., on_pareto_front: bool = ..., price: _Optional[_Union[_configuration_pb2.PriceEntry, _Mapping]] = ...) -> None: ...

class RecommendConfigurationsResponse(_message.Message):
    __slots__ = ("items", "considered_count", "feasible_count", "exclusions", "bounds", "method", "data_version", "newest_measured_at")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CONSIDERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FEASIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    DATA_VERSION_FIELD_NUMBER: _ClassVar[int]
    NEWEST_MEASURED_AT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[RankedConfiguration]
    considered_count: int
    feasible_count: int
    exclusions: _containers.RepeatedCompositeFieldContainer[Exclusion]
    bounds: _containers.RepeatedCompositeFieldContainer[CriterionBounds]
    method: str
    data_version: int
    newest_measured_at: _timestamp_pb2.Timestamp
    def __init__(self, items: _Optional[_Iterable[_Union[RankedConfiguration, _Mapping]]] = ..., considered_count: _Optional[int] = ..., feasible_count: _Optional[int] = ..., exclusions: _Optional[_Iterable[_Union[Exclusion, _Mapping]]] = ..., bounds: _Optional[_Iterable[_Union[CriterionBounds, _Mapping]]] = ..., method: _Optional[str] = ..., data_version: _Optional[int] = ..., newest_measured_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetParetoFrontRequest(_message.Message):
    __slots__ = ("filter", "objectives", "criteria", "price_basis", "provenances", "max_items")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    CRITERIA_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCES_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    filter: _catalog_pb2.ConfigurationFilter
    objectives: _containers.RepeatedCompositeFieldContainer[Objective]
    criteria: _containers.RepeatedCompositeFieldContainer[Criterion]
    price_basis: _configuration_pb2.PriceBasis
    provenances: _containers.RepeatedScalarFieldContainer[_result_pb2.ProvenanceKind]
    max_items: int
    def __init__(self, filter: _Optional[_Union[_catalog_pb2.ConfigurationFilter, _Mapping]] = ..., objectives: _Optional[_Iterable[_Union[Objective, _Mapping]]] = ..., criteria: _Optional[_Iterable[_Union[Criterion, _Mapping]]] = ..., price_basis: _Optional[_Union[_configuration_pb2.PriceBasis, str]] = ..., provenances: _Optional[_Iterable[_Union[_result_pb2.ProvenanceKind, str]]] = ..., max_items: _Optional[int] = ...) -> None: ...

class ParetoMember(_message.Message):
    __slots__ = ("configuration", "result", "figures", "is_duplicate", "price")
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    IS_DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    configuration: _configuration_pb2.Configuration
    result: _result_pb2.Result
    figures: _containers.RepeatedCompositeFieldContainer[_result_pb2.Measurement]
    is_duplicate: bool
    price: _configuration_pb2.PriceEntry
    def __init__(self, configuration: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., result: _Optional[_Union[_result_pb2.Result, _Mapping]] = ..., figures: _Optional[_Iterable[_Union[_result_pb2.Measurement, _Mapping]]] = ..., is_duplicate: bool = ..., price: _Optional[_Union[_configuration_pb2.PriceEntry, _Mapping]] = ...) -> None: ...

class GetParetoFrontResponse(_message.Message):
    __slots__ = ("members", "considered_count", "feasible_count", "exclusions", "member_count", "data_version")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CONSIDERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FEASIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    DATA_VERSION_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[ParetoMember]
    considered_count: int
    feasible_count: int
    exclusions: _containers.RepeatedCompositeFieldContainer[Exclusion]
    member_count: int
    data_version: int
    def __init__(self, members: _Optional[_Iterable[_Union[ParetoMember, _Mapping]]] = ..., considered_count: _Optional[int] = ..., feasible_count: _Optional[int] = ..., exclusions: _Optional[_Iterable[_Union[Exclusion, _Mapping]]] = ..., member_count: _Optional[int] = ..., data_version: _Optional[int] = ...) -> None: ...
