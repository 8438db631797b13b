"""What a model needs of a GPU's memory, part by part: weights, cache, activations and the engine's own."""
