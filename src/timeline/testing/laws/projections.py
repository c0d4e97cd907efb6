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
from timeline.testing.laws.purity_laws import (
    results_are_pure,
    same_answer_in_every_process,
    same_events_same_answer,
    steps_are_pure,
    unknown_kinds_are_ignored,
)
from timeline.testing.laws.uncertainty_laws import (
    a_sharper_time_only_narrows,
    no_answer_from_an_order_nobody_knows,
)

__all__ = ["LAWS"]

LAWS: tuple[Law[Subject], ...] = (
    same_events_same_answer,
    same_answer_in_every_process,
    steps_are_pure,
    arrival_order_is_irrelevant,
    duplicates_change_nothing,
    kept_equals_replayed,
    a_stored_state_resumes,
    kept_incrementally_equals_replayed,
    the_past_stays_as_it_was_known,
    what_was_voided_never_was,
    what_was_retracted_is_gone,
    no_answer_from_an_order_nobody_knows,
    a_sharper_time_only_narrows,
    keys_are_independent,
    merging_is_folding,
    compaction_preserves_answers,
    unknown_kinds_are_ignored,
    results_are_pure,
)
