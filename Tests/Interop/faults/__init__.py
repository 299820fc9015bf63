"""Real processes that are killed, paused and cut off at random while agents stream samples.

A trial is one topology under one seed: PostgreSQL, Redis and two servers with a network of proxies
between them (or one server on a data folder), agents of the build against simulated engines, and
agents that stream known samples over a stock gRPC client. The seed decides which faults come, in
which order and when; what they meet is up to the machine. At the end everything is healed, every
run has to finish, and what the store holds is compared with what was sent, acknowledged and told
to watchers, and every figure with one that is computed here from the raw samples.

By hand, for as long as wanted, in the folder above with BENCHFRONT_BIN naming that of the programs:

    PYTHONPATH=../../clients/python/src python -m faults --seed 7 --seconds 1800

`--store sqlite` takes a data folder instead of PostgreSQL and Redis, `--faults N` ends after N
faults, and `--folder DIR` says where the logs go.
"""
