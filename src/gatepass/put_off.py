"""A module that is loaded when something in it is used for the first time."""

from __future__ import annotations

import sys
from types import ModuleType


class PutOff(ModuleType):
    """Stands in place of a module of the standard library until then."""

    def __getattr__(self, name: str) -> object:
        """Load the module itself, and answer in its name from then on."""
        own = self.__name__
        if sys.modules.get(own) is self:
            del sys.modules[own]
        return getattr(__import__(own), name)
