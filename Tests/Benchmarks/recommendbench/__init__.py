"""What the benchmark of recommendations is made of."""
