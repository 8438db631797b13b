"""Programs that simulated hosts have: ``host`` plays the system's, ``cluster`` those of Kubernetes."""
