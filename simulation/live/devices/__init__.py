"""GPUs that are not there, as NVIDIA's own programs see them."""
