"""The laws of projections, in the order in which they are told."""

from __future__ import annotations

from timeline.testing.laws.arrival_laws import (
    hearing_it_twice_changes_nothing,
    late_news_is_as_good_as_early,
    the_past_stays_as_it_was_known,
    what_was_retracted_is_gone,
    what_was_voided_never_was,
)
from timeline.testing.laws.base import Law, Subject
from timeline.testing.laws.fold_laws import (
    a_stored_state_resumes,
    kept_equals_replayed,
    kept_up_to_date_it_answers_alike,
    keys_mind_their_own_business,
    merging_is_folding,
    what_is_settled_never_matters_again,
)
from timeline.testing.laws.purity_laws import (
    a_step_changes_nothing_it_was_given,
    asking_changes_nothing,
    same_answer_in_every_process,
    same_events_same_answer,
    strangers_are_ignored,
)
from timeline.testing.laws.uncertainty_laws import (
    a_sharper_time_only_narrows,
    no_answer_from_an_order_nobody_knows,
)

__all__ = ["LAWS"]

LAWS: tuple[Law[Subject], ...] = (
    same_events_same_answer,
    same_answer_in_every_process,
    a_step_changes_nothing_it_was_given,
    late_news_is_as_good_as_early,
    hearing_it_twice_changes_nothing,
    kept_equals_replayed,
    a_stored_state_resumes,
    kept_up_to_date_it_answers_alike,
    the_past_stays_as_it_was_known,
    what_was_voided_never_was,
    what_was_retracted_is_gone,
    no_answer_from_an_order_nobody_knows,
    a_sharper_time_only_narrows,
    keys_mind_their_own_business,
    merging_is_folding,
    what_is_settled_never_matters_again,
    strangers_are_ignored,
    asking_changes_nothing,
)
