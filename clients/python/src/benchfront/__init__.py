"""Client of Benchfront: ask for rankings, browse the catalog, create and watch runs."""

from benchfront.client import BenchfrontError, Client, Objective, Ranking
from benchfront.tls import TLS

__all__ = ["TLS", "BenchfrontError", "Client", "Objective", "Ranking"]
