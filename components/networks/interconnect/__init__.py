"""Private links between clouds and sites: ``settings`` and ``rules`` are plain, the rest declares one cloud's each."""
