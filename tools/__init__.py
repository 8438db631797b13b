"""Tools that prepare a working copy; nothing here is part of the published package."""
