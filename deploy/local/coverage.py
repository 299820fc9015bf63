"""Sums up what llvm-cov says of each file, target by target, and holds it to the aims.

usage: coverage.py coverage.json; ends with 1 where an aim is missed. Lines count that hold code;
C, generated files, tests and other people's packages do not.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
# Percent of lines: of all targets together, and of each target that computes what is published.
AIM, DOMAIN_AIM = 85, 95


def targets(report):
    """Lines that there are and lines that ran, by floor and target."""
    lines = defaultdict(lambda: [0, 0])
    for file in report["data"][0]["files"]:
        path = Path(file["filename"])
        if not path.is_relative_to(SOURCES) or "Generated" in path.parts:
            continue
        floor, target, *_ = path.relative_to(SOURCES).parts
        if floor == "C":
            continue
        total = lines[floor, target]
        total[0] += file["summary"]["lines"]["count"]
        total[1] += file["summary"]["lines"]["covered"]
    return lines


def main():
    """Prints the table and what misses its aim."""
    lines = targets(json.loads(Path(sys.argv[1]).read_text()))
    if not lines:
        raise SystemExit("The report has no file of ours.")
    missed = []
    print(f"{'floor':<12}{'target':<26}{'lines':>8}{'run':>8}{'percent':>9}")
    for (floor, target), (count, covered) in sorted(lines.items()):
        percent = 100 * covered / count if count else 100
        print(f"{floor:<12}{target:<26}{count:>8}{covered:>8}{percent:>9.1f}")
        if floor == "Domain" and percent < DOMAIN_AIM:
            missed.append(f"{target} is below {DOMAIN_AIM}%.")
    count, covered = (sum(column) for column in zip(*lines.values()))
    percent = 100 * covered / count
    print(f"{'all':<38}{count:>8}{covered:>8}{percent:>9.1f}")
    if percent < AIM:
        missed.append(f"All targets together are below {AIM}%.")
    for sentence in missed:
        print(sentence)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
