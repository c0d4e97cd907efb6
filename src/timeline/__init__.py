"""Record what is reported about a conflict, and answer what happened, when, and who says so."""

from importlib.metadata import version

import lazy_loader

# The stub beside this file lists the public names. Each is loaded when it is first used, so that a
# command that needs none of them, such as ``timeline --help``, waits for none.
__getattr__, __dir__, _names = lazy_loader.attach_stub(__name__, __file__)

# ``event`` is left to be imported by name: Hypothesis has one too, and a star would hide it.
__all__ = [name for name in _names if name != "event"]

__version__ = version("timeline-events")
