"""GKE. ``settings``, ``facts``, ``rules`` and ``costs`` are plain data; ``cluster`` declares it with Google's SDK."""
