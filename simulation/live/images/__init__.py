"""Container images for live nodes, made without a container engine and without a registry.

``table`` declares each image: what it is made of and what it truly is. ``image_set`` builds the ones that are asked for
and keeps them in the project's cache. Everything here runs without root.
"""

from .build import BuiltImage, image_set
from .plans import EnginePlan
from .table import ROWS, ImageRow, row_of

__all__ = ["ROWS", "BuiltImage", "EnginePlan", "ImageRow", "image_set", "row_of"]
