"""The projections of the zoo: the faulty ones with the law meant to catch each, and the sound."""

from __future__ import annotations

from tests.zoo.impure import IMPURE
from tests.zoo.overreaching import OVERREACHING
from tests.zoo.remembering import REMEMBERING
from tests.zoo.settling import SETTLING, LastIncidents
from tests.zoo.sound import SOUND

__all__ = ["FAULTY_PROJECTIONS", "SOUND_PROJECTIONS"]

FAULTY_PROJECTIONS = {**IMPURE, **REMEMBERING, **OVERREACHING, **SETTLING}
SOUND_PROJECTIONS = (*SOUND, LastIncidents)
