"""Problem generators, one file per skill. `catalogue` lists them; each is a pure function of a `random.Random`."""
