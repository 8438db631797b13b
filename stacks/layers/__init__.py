"""The layers that stacks consist of; other programs can add their own."""

from .accelerators import ACCELERATORS
from .foundation import FOUNDATION
from .layer import AnyLayer
from .platform import PLATFORM
from .services import SERVICES
from .serving import SERVING

LAYERS: tuple[AnyLayer, ...] = (FOUNDATION, ACCELERATORS, SERVICES, PLATFORM, SERVING)
"""Every layer of Strata, lower ones first."""

__all__ = ["LAYERS"]
