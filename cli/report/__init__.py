"""What a run of the engine would change or changed: read from its events, told to people and to programs."""
