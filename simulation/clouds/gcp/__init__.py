"""The simulated Google Cloud.

What Google Cloud takes and refuses, written down in tables and rules with their sources; see ``cloud``.
"""
