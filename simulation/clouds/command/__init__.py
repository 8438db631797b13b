"""The simulated ``command`` provider: hosts of a site that run the real scripts with stand-in programs."""
