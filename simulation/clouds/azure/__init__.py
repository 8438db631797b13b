"""The simulated Azure: tables of every type that the program uses, after Azure's own documentation."""
