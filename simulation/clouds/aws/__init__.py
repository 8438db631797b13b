"""The simulated AWS: its tables, region by region and service by service.

``cloud`` puts them together. A module of tables ends in ``KINDS`` and, where it answers look-ups, in
``FUNCTIONS``; naming both in ``cloud`` is all that a further service needs.
"""
