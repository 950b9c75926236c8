"""The boundary between domains: a plain call in one process, a signed POST between two."""

from kernel.boundary.exposure import exposed
from kernel.boundary.operations import UnableToExpose

__all__ = ["UnableToExpose", "exposed"]
