"""The simulated AWS: its tables, region by region and service by service."""
