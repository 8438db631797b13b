"""From a model, hardware and traffic to a deployment that is known to fit, or to a refusal that says why.

Owns every sizing decision. Pure Python: it creates no resource, reads no network, and imports
nothing of Pulumi.
"""

from .planning import plan

__all__ = ["plan"]
