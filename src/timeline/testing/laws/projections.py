"""The laws of projections, in the order in which they are told."""

from __future__ import annotations

from timeline.testing.laws.arrival_laws import (
    arrival_order_is_irrelevant,
    duplicates_change_nothing,
    the_past_stays_as_it_was_known,
    what_was_retracted_is_gone,
    what_was_voided_never_was,
)
from timeline.testing.laws.base import Law, Subject
from timeline.testing.laws.fold_laws import (
    a_stored_state_resumes,
    compaction_preserves_answers,
    kept_equals_replayed,
    kept_incrementally_equals_replayed,
    keys_are_independent,
    merging_is_folding,
)
from timeline.testing.laws.link_laws import a_void_undoes_a_link, links_are_honoured
from timeline.testing.laws.purity_laws import (
    results_are_pure,
    same_answer_in_every_process,
    same_events_same_answer,
    steps_are_pure,
    unknown_kinds_are_ignored,
)
from timeline.testing.laws.totality_laws import (
    equal_is_an_equivalence,
    essence_goes_by_the_answer,
    handlers_accept_every_event,
)
from timeline.testing.laws.uncertainty_laws import (
    a_sharper_time_only_narrows,
    a_wider_count_only_widens,
    an_unknown_order_is_never_guessed,
    ids_are_only_names,
    no_answer_from_an_order_nobody_knows,
)
from timeline.testing.laws.version_laws import versions_nobody_ordered_lie_side_by_side

__all__ = ["LAWS"]

LAWS: tuple[Law[Subject], ...] = (
    steps_are_pure,
    handlers_accept_every_event,
    equal_is_an_equivalence,
    essence_goes_by_the_answer,
    results_are_pure,
    same_events_same_answer,
    same_answer_in_every_process,
    arrival_order_is_irrelevant,
    duplicates_change_nothing,
    the_past_stays_as_it_was_known,
    what_was_voided_never_was,
    what_was_retracted_is_gone,
    links_are_honoured,
    a_void_undoes_a_link,
    kept_equals_replayed,
    a_stored_state_resumes,
    keys_are_independent,
    merging_is_folding,
    compaction_preserves_answers,
    kept_incrementally_equals_replayed,
    no_answer_from_an_order_nobody_knows,
    an_unknown_order_is_never_guessed,
    versions_nobody_ordered_lie_side_by_side,
    a_sharper_time_only_narrows,
    a_wider_count_only_widens,
    ids_are_only_names,
    unknown_kinds_are_ignored,
)
"""The laws of projections: what others rest on before what rests on it."""
