"""How long each stack takes to start, beside a Pulumi program that does nothing."""
