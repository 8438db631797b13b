"""The cluster of a stack, as the commands see it: embedded, in a simulated cloud, or remote."""
