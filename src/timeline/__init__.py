"""Record what is reported about a conflict, and answer what happened, when, and who says so."""

from importlib.metadata import version

import lazy_loader

# The stub beside this file lists the public names. Each is loaded when it is first used, so that a
# command that needs none of them, such as ``timeline --help``, waits for none.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = version("timeline-events")
