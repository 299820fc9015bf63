"""Client of Benchfront: ask for rankings, browse the catalog, create and watch runs."""

from benchfront.client import BenchfrontError, Client, Objective, Ranking

__all__ = ["BenchfrontError", "Client", "Objective", "Ranking"]
