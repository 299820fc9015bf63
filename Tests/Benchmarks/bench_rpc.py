"""Benchfront's transport beside nghttpd and the gRPC servers of other languages, in one run.

Subjects take turns, each run goes through all cases; figures are medians. Prints a table with
ratios and writes .build/bench/rpc.json. `make bench-rpc` sets up what this needs.

Environment: RUNS (3), REQUESTS (400000), CASES and SUBJECTS (names; all), CONNECTIONS
(1000 10000), OUT (.build/bench), SERVER (a bench-rpc-server that is built; else it is built).
Ends with 1 when a wanted subject is missing or a case failed. Ctrl-C ends it with the figures
that it has.
"""

import os
import sys

from rpcbench.cases import Bench, all_cases
from rpcbench.report import Report
from rpcbench.settings import Settings, raise_file_limit
from rpcbench.subjects import ALL, Missing


def wanted_cases(settings):
    cases = all_cases(settings)
    unknown = set(settings.cases or ()) - {case.name for case in cases}
    if unknown:
        names = ", ".join(case.name for case in cases)
        raise SystemExit(f"There is no case {', '.join(sorted(unknown))}; there are: {names}")
    return [case for case in cases if settings.wants_case(case.name)]


def ready_subjects(settings, problems):
    """Subjects that can run; those that cannot are problems."""
    unknown = set(settings.subjects or ()) - {kind.name for kind in ALL}
    if unknown:
        names = ", ".join(kind.name for kind in ALL)
        raise SystemExit(f"There is no subject {', '.join(sorted(unknown))}; there are: {names}")
    ready = []
    for kind in ALL:
        if settings.subjects is not None and kind.name not in settings.subjects:
            continue
        subject = kind(settings)
        try:
            subject.prepare()
            ready.append(subject)
        except Missing as reason:
            problems.append(f"{kind.name} is missing: {reason}")
    return ready


def measure(bench, cases, subjects, report, problems):
    broken = set()
    for run in range(bench.settings.runs):
        for case in cases:
            if run and not case.repeats:
                continue
            print(f"run {run + 1} of {bench.settings.runs}: {case.name}", flush=True)
            for subject in subjects:
                if (case, subject) in broken or not case.takes(subject):
                    continue
                try:
                    report.add(case.name, subject.name, case.measure(bench, subject))
                except (OSError, RuntimeError) as error:
                    broken.add((case, subject))
                    problems.append(f"{case.name} failed with {subject.name}: {error}")


def main():
    settings = Settings(os.environ)
    settings.out.mkdir(parents=True, exist_ok=True)
    raise_file_limit()
    cases = wanted_cases(settings)
    problems = []
    subjects = ready_subjects(settings, problems)
    bench = Bench(settings)
    report = Report()
    try:
        measure(bench, cases, subjects, report, problems)
    except KeyboardInterrupt:
        problems.append("interrupted: the figures are those of the cases until then")
    finally:
        bench.stop()
    path = settings.out / "rpc.json"
    report.write(path)
    print(report.table())
    for sentence in bench.notes + problems:
        print(sentence)
    print(f"written to {path}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
