"""What a stack is made of: its settings, their checks, and the composition of components."""
