"""What Strata adds to the engine's own time: the dev stack beside a flat program and beside kubectl."""
