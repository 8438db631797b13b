"""One network per cloud. The modules of a cloud import its SDK, so programs import them by name."""
