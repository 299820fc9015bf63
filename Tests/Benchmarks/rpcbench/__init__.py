"""What `bench_rpc.py` is made of."""
