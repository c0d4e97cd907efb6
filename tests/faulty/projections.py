"""The projections of the zoo: the faulty ones with the law meant to catch each, and the sound."""

from __future__ import annotations

from tests.faulty.field import AlwaysEqual, Counting, Narrowest, SortedHolders, SourceOfId
from tests.faulty.impure import IMPURE
from tests.faulty.linking import LINKING
from tests.faulty.overreaching import OVERREACHING
from tests.faulty.remembering import REMEMBERING
from tests.faulty.settling import SETTLING, LastIncidents
from tests.faulty.sound import SOUND
from tests.faulty.versions import VERSIONS

__all__ = ["FAULTY_PROJECTIONS", "SOUND_PROJECTIONS"]

FAULTY_PROJECTIONS = {
    **IMPURE,
    **REMEMBERING,
    **OVERREACHING,
    **SETTLING,
    **LINKING,
    **VERSIONS,
    AlwaysEqual: "equal_is_an_equivalence",
    Counting: "essence_goes_by_the_answer",
    SortedHolders: "an_unknown_order_is_never_guessed",
    Narrowest: "a_wider_count_only_widens",
    SourceOfId: "ids_are_only_names",
}
SOUND_PROJECTIONS = (*SOUND, LastIncidents)
