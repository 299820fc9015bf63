"""What has to hold once everything is healed: the store against all that was sent and told."""

import math
from collections import defaultdict

from benchfront import Client

from faults.figures import figures
from faults.samples import OK, known, sender
from faults.tables import Contents

#: Relative difference up to which two sums of the same numbers are equal.
TOLERANCE = 1e-9
#: States in which a run stays.
ENDED = {"completed", "failed", "cancelled"}


class Verdict:
    """Looks at every run of a trial; what is wrong becomes a trouble."""

    def __init__(self, seed, seen, feeder):
        self.seed = seed
        #: The ledger of the trial: what was acknowledged and announced.
        self.seen = seen
        self.feeder = feeder
        self.results = {}
        self.contents = None
        self.ledger = None

    def read_results(self, address):
        """Fetches every run's results from a server."""
        with Client(address) as client:
            for watch in self.feeder.watches:
                self.results[watch.run_id] = {
                    found.result.id: found.result for found in client.results(run=watch.run_id)}

    def judge(self, tables, ledger):
        """Looks at everything in a store; a ledger takes the troubles."""
        self.contents = Contents(tables)
        self.ledger = ledger
        lost, twice = self.contents.strangers()
        self.expect(lost == 0, f"{lost} samples of no execution")
        self.expect(not twice, f"counted twice: {twice[:5]}")
        runs, watched = self.contents.runs(), {watch.run_id for watch in self.feeder.watches}
        self.expect(runs == watched, f"runs that were created or watched: {runs ^ watched}")
        executions = set()
        for watch in self.feeder.watches:
            run = RunVerdict(self, watch)
            run.judge()
            executions |= {name for _, name, *_ in run.executions}
        strange = self.seen.acknowledged.keys() - executions
        self.expect(not strange, f"acknowledged, and of no run: {strange}")

    def expect(self, holds, text):
        """A trouble unless it holds."""
        if not holds:
            self.ledger.trouble(text)


class RunVerdict:
    """One run."""

    def __init__(self, verdict, watch):
        self.verdict = verdict
        self.ledger = verdict.ledger
        self.watch = watch
        contents = verdict.contents
        self.run = contents.run(watch.run_id)
        key = self.run["key"]
        self.batches = contents.batches(key)
        self.executions = contents.executions(key)
        keys = [own for own, *_ in self.executions]
        self.samples = contents.samples(keys)
        self.segments = contents.segments(key)
        self.commits = contents.commits(key)
        self.states = contents.states(key)
        self.hours = contents.hours(keys)
        self.results = verdict.results[watch.run_id]

    def expect(self, holds, text):
        """A trouble of this run unless it holds."""
        self.verdict.expect(holds, f"run {self.watch.run_id} ({self.watch.kind}): {text}")

    def judge(self):
        """Looks at all of it."""
        self.judge_run()
        self.judge_commits()
        self.judge_watch()
        self.judge_owners()
        for execution in self.executions:
            self.judge_execution(*execution)

    def judge_run(self):
        run, rows = self.run, sum(map(len, self.samples.values()))
        self.ledger.count("rows in the table", rows)
        self.ledger.count(f"runs {run['state']}")
        self.expect(run["committed_sample_count"] == rows, f"{run} with {rows} rows")
        if run["state"] == "cancelled":
            self.expect(self.watch.run_id in self.verdict.feeder.cancelled, "nobody cancelled it")
            return
        self.expect(run["state"] == "completed", f"is {run['state']}")
        self.expect(run["completed_count"] == run["configuration_count"], f"{run}")
        self.expect(
            {state for state, _ in self.batches.values()} == {"completed"}, f"{self.batches}")

    def judge_commits(self):
        """The log is numbered without gaps, ends with the run, and each row is where it says."""
        numbers = sorted(number for number, *_ in [*self.commits, *self.states])
        self.expect(
            numbers == list(range(1, self.run["commit_number"] + 1)), "its log has gaps")
        ends = [number for number, state, is_run in self.states if is_run and state in ENDED]
        self.expect(ends == numbers[-1:], f"it ended in {ends}, and its log in {numbers[-1:]}")
        places = {number: rest for number, *rest in self.commits}
        told = set()
        for execution, rows in self.samples.items():
            for commit, row in rows:
                owner, first, last = places.get(commit, (None, 0, -1))
                told.add(commit)
                self.expect(
                    owner == execution and first <= row.request_index <= last,
                    f"request {row.request_index} is not in its commit {commit}")
        empty = sorted(places.keys() - told)
        self.expect(not empty, f"commits of samples without any: {empty[:5]}")

    def judge_watch(self):
        """Its watcher saw the whole log, and every row as it is stored."""
        self.expect(
            self.watch.cursor == self.run["commit_number"],
            f"watched up to {self.watch.cursor} of {self.run['commit_number']}")
        stored = {
            (name, row.request_index): (commit, row.digest())
            for key, name, *_ in self.executions for commit, row in self.samples[key]
        }
        differing = [place for place in stored.keys() | self.watch.rows.keys()
                     if stored.get(place) != self.watch.rows.get(place)]
        self.expect(not differing, f"told otherwise than stored: {sorted(differing)[:5]}")

    def judge_owners(self):
        """Once a newer lease has written to a batch, none before it writes any more."""
        by_batch = defaultdict(list)
        for key, _, batch, *_ in self.executions:
            for commit, row in self.samples[key]:
                agent = self.segments.get((key, row.segment))
                self.expect(agent is not None, f"a row of segment {row.segment}, which never began")
                by_batch[batch].append((commit, key, row, agent))
        for batch, rows in by_batch.items():
            rows.sort(key=lambda it: it[:2])
            if self.watch.kind == "known":
                tokens = [sender(row)[0] for _, _, row, _ in rows]
                self.expect(tokens == sorted(tokens), f"a superseded lease wrote: {tokens}")
                self.expect(tokens[-1] <= self.batches[batch][1], "a token of no lease")
            newest = defaultdict(lambda: (-1, None))
            for _, key, row, agent in rows:
                segment, owner = newest[key]
                self.expect(
                    agent == owner or row.segment > segment,
                    f"{agent} wrote under segment {row.segment} behind {owner}'s {segment}")
                newest[key] = max(newest[key], (row.segment, agent))

    def judge_execution(
            self, key, name, _, state, count, bits, failure, concurrency, accelerators):
        rows = [row for _, row in self.samples[key]]
        indices = [row.request_index for row in rows]
        stored = [index for index in range(count) if bits[index // 8] >> index % 8 & 1]
        self.expect(indices == stored, f"{name}: rows and committed requests differ")
        if self.run["state"] == "completed":
            self.expect(state == "completed", f"{name} is {state}: {failure}")
        if state == "completed":
            self.expect(indices == list(range(count)), f"{name} lacks {count - len(indices)} rows")
        for segment in {row.segment for row in rows}:
            part = [row for row in rows if row.segment == segment]
            sent = sorted(part, key=lambda row: (row.sent, row.request_index))
            self.expect(sent == part, f"{name}: segment {segment} was sent in another order")
        if self.watch.kind == "known":
            self.judge_known(key, name, rows)
        self.judge_hours(key, name, rows)
        self.expect((name in self.results) == (state == "completed"), f"{name}: result or none")
        if name in self.results:
            self.judge_figures(name, rows, concurrency, accelerators)

    def judge_known(self, key, name, rows):
        """Every row is what its sender sent, and every acknowledged sample is such a row."""
        tokens = {}
        for row in rows:
            index, segment = row.request_index, row.segment
            token, agent = sender(row)
            tokens[index] = token
            sent = known(self.verdict.seed, name, index, segment, row.input_tokens)
            self.expect(row == sent, f"{name}: request {index} was not sent so: {row}")
            self.expect(
                (name, segment, token, agent) in self.verdict.seen.segments
                and self.segments.get((key, segment)) == f"known-{agent}",
                f"{name}: request {index} is of a segment {segment} that its agent never began")
        for index, (token, _) in self.verdict.seen.acknowledged.get(name, {}).items():
            self.expect(index in tokens, f"{name}: request {index} was acknowledged and is lost")
            self.expect(
                tokens.get(index, 0) <= token,
                f"{name}: request {index} was acknowledged under {token} and measured once more "
                f"under {tokens.get(index)}")

    def judge_hours(self, key, name, rows):
        if not self.verdict.contents.tables.has_hours or not rows:
            return
        errors = sum(row.outcome != OK for row in rows)
        sums = (len(rows), errors, sum(row.input_tokens for row in rows),
                sum(row.output_tokens for row in rows))
        self.expect(self.hours.get(key) == sums, f"{name}: {self.hours.get(key)}, not {sums}")

    def judge_figures(self, name, rows, concurrency, accelerators):
        """Every figure that is stored is the one that its rows give."""
        result = self.results[name]
        wanted = figures(rows, concurrency, accelerators)
        self.expect(
            (result.request_count, result.error_count)
            == (len(rows), sum(row.outcome != OK for row in rows)), f"{name}: counts of {result}")
        found = {(it.metric, it.statistic): it for it in result.measurements}
        self.expect(found.keys() == wanted.keys(), f"{name}: {found.keys() ^ wanted.keys()}")
        for figure in found.keys() & wanted.keys():
            stored, (value, count, interval, certified) = found[figure], wanted[figure]
            bounds = None
            if stored.HasField("interval"):
                bounds = (stored.interval.low, stored.interval.high)
            least = stored.certified.value if stored.HasField("certified") else None
            self.ledger.count("figures computed again")
            self.expect(
                stored.sample_count == count and equal(stored.value, value)
                and equal(bounds, interval) and equal(least, certified),
                f"{name}: figure {figure} is {stored}, not {wanted[figure]}")


def equal(one, other):
    """Whether two figures, two intervals or two absences agree."""
    if one is None or other is None:
        return one is other
    if isinstance(one, tuple):
        return all(map(equal, one, other))
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12)
