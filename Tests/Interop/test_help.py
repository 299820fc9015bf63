"""What the programs say of themselves."""

import re
import subprocess

import pytest


def help_of(program, *words):
    run = subprocess.run(
        [program, *words, "--help"], capture_output=True, text=True, check=True, timeout=30)
    return run.stdout


def subcommands(text):
    """The names under SUBCOMMANDS, without the parser's own."""
    if "SUBCOMMANDS:" not in text:
        return []
    found = re.findall(r"^  (\S+)", text.split("SUBCOMMANDS:")[1], re.MULTILINE)
    return [name for name in found if re.fullmatch("[a-z-]+", name) and name != "help"]


@pytest.mark.parametrize(
    "program", ["benchfront", "benchfront-server", "benchfront-agent", "benchfront-simengine"]
)
def test_every_flag_says_what_it_takes(binaries, program):
    left, seen = [()], 0
    while left:
        words = left.pop()
        text = help_of(binaries / program, *words)
        left += [(*words, name) for name in subcommands(text)]
        for flag, value in re.findall(r"--([a-z0-9-]+) <([a-z0-9-]+)>", text):
            seen += 1
            # A flag's own name says nothing of its value, unless it is the word for it.
            assert "-" not in flag or flag != value, (program, words, flag)
    assert seen > 5


@pytest.mark.parametrize("words, reason", [
    (["recommend", "--max-ttft", "-5ms"], "a time is 500ms or 0.5s, and not negative"),
    (["recommend", "--max-cost", "-1"], "must be a finite number without a unit, 0 or more"),
    (["results", "list", "--concurrency", "-4"], "-4"),
    (["recommend", "--top", "-1", "--max-e2e", "-1s"], "and not negative"),
])
def test_a_negative_value_is_judged_as_a_value(binaries, words, reason):
    run = subprocess.run(
        [binaries / "benchfront", *words], capture_output=True, text=True, timeout=30)
    assert run.returncode == 2
    assert reason in run.stderr and "Missing value" not in run.stderr
