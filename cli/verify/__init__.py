"""``strata verify``: what each layer promised, compared with what the cluster answers."""
