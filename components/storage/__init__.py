"""Storage classes and the model catalog."""

from .catalog import CatalogModel, ModelCatalog, ModelCatalogArgs
from .classes import StorageClasses, StorageClassesArgs
from .static_volume import CatalogVolume, catalog_volume

__all__ = [
    "CatalogModel",
    "CatalogVolume",
    "ModelCatalog",
    "ModelCatalogArgs",
    "StorageClasses",
    "StorageClassesArgs",
    "catalog_volume",
]
