"""A thin friendly client over the generated stubs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import grpc

from benchfront.access import Token
from benchfront.tls import TLS
from benchfront.v1 import (
    benchmark_control_pb2 as control_pb2,
    benchmark_control_pb2_grpc as control_grpc,
    catalog_pb2,
    catalog_pb2_grpc as catalog_grpc,
    configuration_pb2,
    recommend_pb2,
    recommend_pb2_grpc as recommend_grpc,
    result_pb2,
)

#: Bytes of a file that go into one message of an import.
IMPORT_CHUNK = 256 * 1024


class BenchfrontError(Exception):
    """The server refused a call or could not be reached; its text is one plain sentence."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        #: The gRPC status code.
        self.code = code
        #: One sentence for people.
        self.message = message


@dataclass(frozen=True)
class Objective:
    """A limit that every answer must meet, in the metric's unit (seconds, tokens/s, dollars).

    >>> Objective("ttft", at_most=0.5, statistic="p95")
    Objective(metric='ttft', at_most=0.5, at_least=None, statistic='p95')
    """

    metric: str
    at_most: float | None = None
    at_least: float | None = None
    statistic: str = ""

    def message(self) -> recommend_pb2.Objective:
        """The objective as the server takes it; ValueError without exactly one bound."""
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("an objective has at_most or at_least, and not both")
        message = recommend_pb2.Objective(
            metric=_enum(result_pb2.Metric, "METRIC", self.metric),
            statistic=_enum(result_pb2.Statistic, "STATISTIC", self.statistic),
        )
        if self.at_most is not None:
            message.at_most = self.at_most
        else:
            message.at_least = self.at_least
        return message


@dataclass(frozen=True)
class Ranking:
    """An answer, best first, with what it was chosen from."""

    items: list[recommend_pb2.RankedConfiguration]
    considered: int
    feasible: int
    #: Reason -> rows that it excluded.
    exclusions: dict[str, int]
    response: recommend_pb2.RecommendConfigurationsResponse


class Client:
    """One channel to a server; use it as a context manager. Safe to share between threads.

    >>> with Client("127.0.0.1:50051") as client:  # doctest: +SKIP
    ...     for item in client.recommend(models=["m"]).items:
    ...         print(item.rank, item.configuration.engine_id, item.score)
    """

    def __init__(
        self,
        target: str = "127.0.0.1:50051",
        *,
        timeout: float = 30.0,
        tls: TLS | None = None,
        token: str | None = None,
    ) -> None:
        """Connects lazily, in cleartext without `tls`.

        `timeout` in seconds bounds every call but imports and watches. `token` proves who calls;
        ValueError when it would cross a network in cleartext.
        """
        self._target = target
        self._channel = tls.channel(target) if tls else grpc.insecure_channel(target)
        if token is not None:
            interceptor = Token(token, target, encrypted=tls is not None)
            self._channel = grpc.intercept_channel(self._channel, interceptor)
        self._timeout = timeout
        #: The generated stubs, for everything that this class does not wrap.
        self.catalog = catalog_grpc.CatalogStub(self._channel)
        self.ranker = recommend_grpc.RecommendStub(self._channel)
        self.control = control_grpc.BenchmarkControlStub(self._channel)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel; calls in flight are cancelled."""
        self._channel.close()

    def models(self) -> Iterator[configuration_pb2.Model]:
        """Every model of the catalog, by id."""
        yield from self._pages(self.catalog.ListModels, catalog_pb2.ListModelsRequest(), "models")

    def hardware(self) -> Iterator[configuration_pb2.HardwareProfile]:
        """Every hardware profile, by id."""
        yield from self._pages(
            self.catalog.ListHardware, catalog_pb2.ListHardwareRequest(), "hardware"
        )

    def engines(self) -> Iterator[configuration_pb2.Engine]:
        """Every engine, by id."""
        yield from self._pages(
            self.catalog.ListEngines, catalog_pb2.ListEnginesRequest(), "engines"
        )

    def prices(self, hardware: str = "") -> Iterator[configuration_pb2.PriceEntry]:
        """Every price, or those of one hardware profile."""
        request = catalog_pb2.ListPricesRequest(hardware_id=hardware)
        yield from self._pages(self.catalog.ListPrices, request, "prices")

    def register_model(self, model: configuration_pb2.Model) -> configuration_pb2.Model:
        """Adds a model and returns it as stored."""
        request = catalog_pb2.RegisterModelRequest(model=model)
        return self._call(self.catalog.RegisterModel, request).model

    def results(
        self, *, models: Iterable[str] = (), run: str = "", order_by: str = ""
    ) -> Iterator[result_pb2.ConfigurationResult]:
        """Results with their configurations."""
        request = catalog_pb2.ListResultsRequest(
            filter=catalog_pb2.ConfigurationFilter(model_ids=models), run_id=run, order_by=order_by
        )
        yield from self._pages(self.catalog.ListResults, request, "results")

    def recommend(
        self,
        *,
        models: Iterable[str] = (),
        objectives: Iterable[Objective] = (),
        weights: Mapping[str, float] | None = None,
        price_basis: str = "on_demand",
        top: int = 10,
        filter: catalog_pb2.ConfigurationFilter | None = None,
        provenances: Iterable[str] = (),
    ) -> Ranking:
        """Ranks what is known. `weights` maps metrics to weights; the server's default without.

        `provenances` are "measured", "imported", "interpolated" and "simulated"; without any all
        but simulated results, which are counted among the exclusions.
        """
        wanted = catalog_pb2.ConfigurationFilter()
        if filter is not None:
            wanted.CopyFrom(filter)
        wanted.model_ids.extend(models)
        request = recommend_pb2.RecommendConfigurationsRequest(
            filter=wanted,
            objectives=[objective.message() for objective in objectives],
            criteria=[
                recommend_pb2.Criterion(
                    metric=_enum(result_pb2.Metric, "METRIC", name), weight=weight
                )
                for name, weight in (weights or {}).items()
            ],
            price_basis=_enum(configuration_pb2.PriceBasis, "PRICE_BASIS", price_basis),
            top_k=top,
            provenances=_provenances(provenances),
        )
        response = self._call(self.ranker.RecommendConfigurations, request)
        return Ranking(
            items=list(response.items),
            considered=response.considered_count,
            feasible=response.feasible_count,
            exclusions={row.reason: row.count for row in response.exclusions},
            response=response,
        )

    def pareto_front(
        self,
        *,
        models: Iterable[str] = (),
        objectives: Iterable[Objective] = (),
        provenances: Iterable[str] = (),
    ) -> recommend_pb2.GetParetoFrontResponse:
        """The first Pareto front over the server's default criteria; see `recommend`."""
        request = recommend_pb2.GetParetoFrontRequest(
            filter=catalog_pb2.ConfigurationFilter(model_ids=models),
            objectives=[objective.message() for objective in objectives],
            provenances=_provenances(provenances),
        )
        return self._call(self.ranker.GetParetoFront, request)

    def create_run(
        self, matrix: configuration_pb2.Matrix, *, requests: int = 100, name: str = ""
    ) -> control_pb2.Run:
        """Creates a run of every feasible configuration; a repeated send makes no second run."""
        request = control_pb2.CreateRunRequest(
            name=name,
            matrix=matrix,
            requests_per_configuration=requests,
            request_id=str(uuid.uuid4()),
        )
        return self._call(self.control.CreateRun, request).run

    def watch_run(self, run: str, *, after: int = 0) -> Iterator[control_pb2.WatchRunResponse]:
        """Every commit of a run behind `after`, live, until the run has ended."""
        request = control_pb2.WatchRunRequest(run_id=run, after_commit_number=after)
        try:
            yield from self.control.WatchRun(request)
        except grpc.RpcError as error:
            raise self._translated(error) from error

    def import_results(
        self, path: str | Path, *, format: str = "", dry_run: bool = False
    ) -> catalog_pb2.ImportResultsResponse:
        """Sends another tool's result file; `format` is found out when empty."""
        path = Path(path)

        def parts() -> Iterator[catalog_pb2.ImportResultsRequest]:
            header = catalog_pb2.ImportHeader(format=format, source=path.name, dry_run=dry_run)
            yield catalog_pb2.ImportResultsRequest(header=header)
            with path.open("rb") as file:
                while data := file.read(IMPORT_CHUNK):
                    yield catalog_pb2.ImportResultsRequest(data=data)

        try:
            return self.catalog.ImportResults(parts())
        except grpc.RpcError as error:
            raise self._translated(error) from error

    def _call(self, method, request):
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise self._translated(error) from error

    def _translated(self, error: grpc.RpcError) -> BenchfrontError:
        code = error.code()
        if code == grpc.StatusCode.UNAVAILABLE:
            return BenchfrontError(code, f"the server at {self._target} is not available: {error.details()}")
        return BenchfrontError(code, error.details())

    def _pages(self, method, request, field: str):
        while True:
            response = self._call(method, request)
            yield from getattr(response, field)
            if not response.next_page_token:
                return
            request.page_token = response.next_page_token


def _provenances(names: Iterable[str]) -> list[int]:
    """The values of provenances by their short names."""
    return [_enum(result_pb2.ProvenanceKind, "PROVENANCE_KIND", name) for name in names]


def _enum(type_, prefix: str, name: str) -> int:
    """The value of an enum by its short name in any case; unspecified when empty."""
    try:
        return type_.Value(f"{prefix}_{name.upper() or 'UNSPECIFIED'}")
    except ValueError:
        known = [key.removeprefix(prefix + "_").lower() for key in type_.keys()][1:]
        raise ValueError(f"{name!r} is none of {', '.join(known)}") from None
