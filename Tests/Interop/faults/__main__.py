"""A trial by hand: the package says how."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from faults.chaos import SPACING
from faults.trial import Trial


def main():
    """Runs one trial; the exit code says whether all held."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--store", choices=["postgres", "sqlite"], default="postgres")
    parser.add_argument("--seconds", type=float, help="how long faults come (60)")
    parser.add_argument("--faults", type=int, help="how many come, instead")
    parser.add_argument(
        "--spacing", type=float, default=SPACING,
        help="seconds from one fault to the next on average (%(default)s)")
    parser.add_argument("--folder", type=Path, help="where logs go (a temporary folder)")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="benchfront-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    seconds = given.seconds or (None if given.faults else 60)
    trial = Trial(given.seed, folder, given.store, say=lambda line: print(line, flush=True))
    try:
        trial.run(count=given.faults, seconds=seconds, spacing=given.spacing)
    except AssertionError as error:
        sys.exit(f"{error}\nlogs in {folder}")
    print(f"seed {given.seed}: everything that was acknowledged is there once")


if __name__ == "__main__":
    main()
