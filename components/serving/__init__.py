"""Model servers: engine adapters, their sizing, and the service that runs them."""

from .model_service import ModelService, ModelServiceArgs

__all__ = ["ModelService", "ModelServiceArgs"]
