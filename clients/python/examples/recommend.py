"""Asks a server what to run: python examples/recommend.py [ADDRESS [MODEL]]."""

import sys

from benchfront import BenchfrontError, Client


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
    with Client(address) as client:
        ranking = client.recommend(models=sys.argv[2:3], top=5)
    print(f"{ranking.considered} results considered, {ranking.feasible} feasible")
    for item in ranking.items:
        configuration = item.configuration
        print(
            f"{item.rank}. {configuration.model_id} on {configuration.hardware_id} with "
            f"{configuration.engine_id} {configuration.quantization_id}, "
            f"concurrency {configuration.workload.concurrency}: score {item.score:.3f}"
        )
    for reason, count in ranking.exclusions.items():
        print(f"   excluded {count}: {reason}")


if __name__ == "__main__":
    try:
        main()
    except BenchfrontError as error:
        sys.exit(f"recommend.py: {error}")
