"""Nothing is lost and nothing is counted twice, whatever is killed, paused or cut off."""

import pytest

from faults.trial import Trial


@pytest.mark.parametrize("store, seed, faults", [("postgres", 4, 45), ("sqlite", 4, 20)])
def test_every_acknowledged_sample_is_stored_once(tmp_path, store, seed, faults):
    counts = Trial(seed, tmp_path, store).run(count=faults)
    assert counts["faults"] == faults
    # Faults that nothing happens under show nothing.
    assert counts["samples acknowledged"] > 500
    assert counts["runs completed"] > 2
