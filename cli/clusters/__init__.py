"""The cluster behind a stack, as the commands see it: embedded, in a simulated cloud, or far away."""
