"""Every figure of a result from its raw samples, by the definitions of docs/metrics.md."""

import functools
import itertools
import math
from statistics import NormalDist

from benchfront.v1 import result_pb2

from faults.samples import OK, gaps_of

CONFIDENCE = 0.95
CERTIFIED = 0.99
SLICES = 10
PERCENTILES = [("P50", 0.5), ("P90", 0.9), ("P95", 0.95), ("P99", 0.99)]


def figures(rows, concurrency, accelerators):
    """(metric, statistic) -> (value, count, interval or none, certified value or none)."""
    good = [row for row in rows if row.outcome == OK]
    stretched = [row for row in good if row.last_content > row.first_content]
    found = {}
    summarize(found, "TTFT", [seconds(row.first_content - row.sent) for row in good])
    summarize(found, "E2E", [seconds(row.last_content - row.sent) for row in good])
    summarize(found, "TPOT", [
        seconds(row.last_content - row.first_content) / (row.output_tokens - 1)
        for row in stretched if row.output_tokens >= 2
    ])
    gaps = [seconds(gap) for row in stretched for gap in gaps_of(row.gaps)]
    summarize(found, "ITL", gaps, independent=False)
    throughput(found, rows, concurrency, accelerators)
    errors = len(rows) - len(good)
    found[key("ERROR_RATE", "TOTAL")] = (
        errors / len(rows), len(rows), wilson(errors, len(rows)), None)
    return found


def key(metric, statistic):
    """The name of a figure by the numbers of its message."""
    return (result_pb2.Metric.Value(f"METRIC_{metric}"),
            result_pb2.Statistic.Value(f"STATISTIC_{statistic}"))


def seconds(nanoseconds):
    """Nanoseconds as seconds."""
    return nanoseconds / 1e9


# Distributions

def summarize(found, metric, values, independent=True):
    """Adds mean and percentiles; gaps of one request depend on each other: no intervals."""
    if not values:
        return
    values = sorted(values)
    interval = student(values) if independent else None
    mean = math.fsum(values) / len(values)
    found[key(metric, "MEAN")] = (mean, len(values), interval, None)
    for name, fraction in PERCENTILES:
        found[key(metric, name)] = (
            quantile(values, fraction), len(values),
            quantile_interval(values, fraction) if independent else None,
            certified(values, fraction) if independent else None)


def quantile(values, fraction):
    """Linear interpolation between order statistics."""
    place = (len(values) - 1) * fraction
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def student(values):
    """Student's interval of the mean."""
    count = len(values)
    if count < 2:
        return None
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = t_quantile((1 + CONFIDENCE) / 2, count - 1) * math.sqrt(variance / count)
    return (mean - half, mean + half)


@functools.cache
def t_quantile(probability, degrees):
    """Of Student's distribution, by halving."""
    low, high = 0.0, 1.0
    while t_cumulative(high, degrees) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cumulative(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def t_cumulative(value, degrees):
    """Finite series for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan2(value, math.sqrt(degrees))
    square = math.cos(angle) ** 2
    odd = degrees % 2
    terms, term = [], math.cos(angle) if odd else 1.0
    for step in range(2, degrees + 2 - odd, 2):
        terms.append(term)
        term *= square * (step / (step + 1) if odd else (step - 1) / step)
    inside = math.sin(angle) * math.fsum(terms)
    return 0.5 + ((angle + inside) / math.pi if odd else inside / 2)


def wilson(successes, total):
    """Wilson's interval of a proportion."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = successes / total
    spread = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / spread
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / spread
    return (0 if successes == 0 else centre - half, 1 if successes == total else centre + half)


@functools.cache
def binomial(count, fraction):
    """The chance of at most k of so many, for each k."""
    return list(itertools.accumulate(
        math.exp(
            math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
            + k * math.log(fraction) + (count - k) * math.log1p(-fraction))
        for k in range(count + 1)))


def least(cumulative, probability):
    """The least k whose chance of at most k is so large."""
    return next(
        (k for k, chance in enumerate(cumulative) if chance >= probability), len(cumulative) - 1)


def quantile_interval(values, fraction):
    """Between two order statistics, whatever the distribution."""
    below = binomial(len(values), fraction)
    tail = (1 - CONFIDENCE) / 2
    upper = least(below, 1 - tail) + 1
    lower = least(below, tail)
    lower += 1 if below[lower] <= tail else 0
    if lower < 1 or upper > len(values):
        return None
    return (values[lower - 1], values[upper - 1])


def certified(values, fraction):
    """The least order statistic, the second-largest at most, that is above with confidence."""
    rank = least(binomial(len(values), fraction), CERTIFIED) + 1
    return values[rank - 1] if rank < len(values) else None


# Throughput

def throughput(found, rows, concurrency, accelerators):
    """Tokens and requests a second over the steady windows of the segments."""
    windows = []
    for segment in sorted({row.segment for row in rows}):
        part = [row for row in rows if row.segment == segment]
        if window := steady_window(part, concurrency):
            windows.append((part, *window))
    steady = [it for it in windows if it[3]]
    used = steady or windows
    if not used:
        return
    length = math.fsum(seconds(end - start) for _, start, end, _ in used)
    counts = [tally(*it[:3]) for it in used]
    output, total, requests = (math.fsum(it) / length for it in zip(*counts))
    interval = slices(used, length) if steady else None
    share = 1 / accelerators
    scaled = interval and tuple(end * share for end in interval)
    for metric, value, bounds in [
        ("OUTPUT_THROUGHPUT", output, interval), ("TOTAL_THROUGHPUT", total, None),
        ("OUTPUT_THROUGHPUT_PER_ACCELERATOR", output * share, scaled),
        ("REQUEST_THROUGHPUT", requests, None),
    ]:
        found[key(metric, "TOTAL")] = (value, len(rows), bounds, None)


def steady_window(rows, concurrency):
    """(start, end, whether every slot was busy); none where it has no length."""
    sent = sorted(row.sent for row in rows)
    ends = [row.ended for row in rows]
    if len(sent) > concurrency:
        drained = min((end for end in ends if end > sent[-1]), default=0)
        if drained > sent[concurrency - 1]:
            return (sent[concurrency - 1], drained, True)
    return (sent[0], max(ends), False) if max(ends) > sent[0] else None


def tally(rows, start, end):
    """Output tokens, all tokens and requests within a window, parts of tokens too."""
    output, prompts, requests = [], 0, 0
    for row in rows:
        if row.outcome != OK:
            continue
        requests += start < row.ended <= end
        prompts += row.input_tokens if start < row.first_content <= end else 0
        output.append(row.output_tokens * arrived(row, start, end))
    tokens = math.fsum(output)
    return (tokens, tokens + prompts, requests)


def arrived(row, start, end):
    """The share of a request's tokens that came within a window."""
    first, last = row.first_content, row.last_content
    if not row.gaps:
        # Nothing is known between first and last: spread evenly.
        began = start < first <= end
        if last == first:
            return float(began)
        tokens = max(1, row.output_tokens)
        overlap = max(0, min(last, end) - max(first, start)) / (last - first)
        return (overlap * (tokens - 1) + began) / tokens
    stamps = list(itertools.accumulate(gaps_of(row.gaps), initial=first))
    return sum(start < stamp <= end for stamp in stamps) / len(stamps)


def slices(windows, length):
    """Student's interval over about ten slices of all windows."""
    rates = []
    for rows, start, end, _ in windows:
        share = SLICES * seconds(end - start) / length
        parts = max(1, math.floor(share + 0.5))
        step, rest = divmod(end - start, parts)
        cuts = [start + step * n + rest * n // parts for n in range(parts + 1)]
        for low, high in zip(cuts, cuts[1:]):
            if high > low:
                rates.append(tally(rows, low, high)[0] / seconds(high - low))
    return student(rates) if len(rates) >= SLICES // 2 else None
