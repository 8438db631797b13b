"""Storage classes and the model catalog."""

from .catalog import CatalogModel, ModelCatalog, ModelCatalogArgs
from .classes import StorageClasses, StorageClassesArgs

__all__ = ["CatalogModel", "ModelCatalog", "ModelCatalogArgs", "StorageClasses", "StorageClassesArgs"]
