"""Rows, the table, and JSON."""

import json
import statistics
import subprocess
from pathlib import Path

from .settings import ROOT


class Report:
    """Values of each case, subject and metric, in the order in which they came."""

    def __init__(self, baseline="nghttpd"):
        self.baseline = baseline
        self.values = {}

    def add(self, case, subject, figures):
        for metric, value in figures.items():
            self.values.setdefault((case, metric, subject), []).append(value)

    def rows(self):
        """As DESIGN.md section 9 fixes them: medians with the least and the greatest."""
        return [
            {
                "case": case, "subject": subject, "metric": metric,
                "value": statistics.median(values), "runs": len(values), "min": min(values),
                "max": max(values),
            }
            for (case, metric, subject), values in self.values.items()
        ]

    def table(self):
        """Medians beside their ratios to the baseline and to us."""
        bases = dict.fromkeys([self.baseline, "benchfront"])
        rows = self.rows()
        medians = {(row["case"], row["metric"], row["subject"]): row["value"] for row in rows}
        lines = [
            f"{'case':<28}{'metric':<20}{'subject':<12}{'median':>12}{'min':>12}{'max':>12}"
            + "".join(f"{'x ' + base:>14}" for base in bases)
        ]
        last = None
        for row in sorted(rows, key=self._place):
            group = (row["case"], row["metric"])
            names = group if group != last else ("", "")
            last = group

            def ratio(base, group=group, value=row["value"]):
                against = medians.get((*group, base))
                return f"{value / against:.2f}" if against else "-"

            lines.append(
                f"{names[0]:<28}{names[1]:<20}{row['subject']:<12}{row['value']:>12.2f}"
                f"{row['min']:>12.2f}{row['max']:>12.2f}"
                + "".join(f"{ratio(base):>14}" for base in bases))
        return "\n".join(lines)

    def _place(self, row):
        """Groups in their first order, subjects within them too."""
        groups = list(dict.fromkeys(key[:2] for key in self.values))
        keys = list(self.values)
        group = (row["case"], row["metric"])
        return groups.index(group), keys.index((*group, row["subject"]))

    def finish(self, path, problems):
        """Writes and prints it all, and what went wrong; the program's exit code."""
        self.write(path)
        print(self.table())
        for sentence in problems:
            print(sentence)
        print(f"written to {path}")
        return 1 if problems else 0

    def write(self, path):
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
        content = {"machine": machine(), "commit": head.stdout.strip(), "rows": self.rows()}
        path.write_text(json.dumps(content, indent=1) + "\n")


def refuse_unknown(wanted, cases):
    """Ends the program when it is asked for a case that does not exist."""
    unknown = set(wanted) - set(cases)
    if unknown:
        raise SystemExit(
            f"There is no case {', '.join(sorted(unknown))}; there are: {', '.join(cases)}")


def machine():
    """The processor, and how many there are."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'unknown processor'}, {max(1, len(names))} cores"
