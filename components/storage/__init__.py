"""Storage classes and the model catalog."""

from .catalog import CatalogModel, ModelCatalog, ModelCatalogArgs
from .classes import StorageClasses

__all__ = ["CatalogModel", "ModelCatalog", "ModelCatalogArgs", "StorageClasses"]
