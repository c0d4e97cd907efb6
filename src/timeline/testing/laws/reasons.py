"""Why each law matters, in a sentence that failures and docs show."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CAUSES", "REASONS"]

_GAP = "A reader that has passed a gap never comes back for what appears in it."
_WINNER = "What two decide by the same state of the log may be right for one of them only."

_STATE = ("handlers_accept_every_event", "equal_is_an_equivalence", "steps_are_pure")
_IMPURE = (*_STATE, "results_are_pure", "same_events_same_answer")
_FOLD = (*_IMPURE, "same_answer_in_every_process", "arrival_order_is_irrelevant")

CAUSES: Mapping[str, tuple[str, ...]] = {
    "equal_is_an_equivalence": _STATE[:1],
    "results_are_pure": _STATE,
    "same_events_same_answer": _IMPURE[:-1],
    "same_answer_in_every_process": _IMPURE,
    "arrival_order_is_irrelevant": _IMPURE,
    "duplicates_change_nothing": _FOLD,
    "the_past_stays_as_it_was_known": _FOLD,
    "what_was_voided_never_was": _FOLD,
    "what_was_retracted_is_gone": _FOLD,
    "links_are_honoured": _FOLD,
    "a_void_undoes_a_link": (*_FOLD, "what_was_voided_never_was"),
    "kept_equals_replayed": _FOLD[:-1],
    "a_stored_state_resumes": (*_IMPURE, "kept_equals_replayed"),
    "keys_are_independent": (*_IMPURE, "kept_equals_replayed"),
    "merging_is_folding": (*_IMPURE, "kept_equals_replayed"),
    "compaction_preserves_answers": (*_IMPURE, "merging_is_folding"),
    "kept_incrementally_equals_replayed": (
        *_FOLD,
        "a_stored_state_resumes",
        "keys_are_independent",
        "merging_is_folding",
        "compaction_preserves_answers",
        "kept_equals_replayed",
    ),
    "essence_goes_by_the_answer": _IMPURE,
    "no_answer_from_an_order_nobody_knows": _IMPURE,
    "an_unknown_order_is_never_guessed": (*_IMPURE, "no_answer_from_an_order_nobody_knows"),
    "versions_nobody_ordered_lie_side_by_side": (*_FOLD, "a_wider_count_only_widens"),
    "a_sharper_time_only_narrows": _IMPURE,
    "a_wider_count_only_widens": _IMPURE,
    "unknown_kinds_are_ignored": _IMPURE,
    "ids_are_only_names": (*_IMPURE, "no_answer_from_an_order_nobody_knows"),
}
"""The laws of which each may be broken as a consequence of others: those are mended first."""

REASONS: Mapping[str, str] = {
    # --- projections
    "same_events_same_answer": "What was published last week has to be reproducible next year.",
    "same_answer_in_every_process": "A reviewer who gets other words from the same log trusts "
    "neither.",
    "steps_are_pure": "States are kept and shared between questions about different moments.",
    "arrival_order_is_irrelevant": "News comes late, and in no order; what is known in the end "
    "may not depend on who was faster.",
    "duplicates_change_nothing": "Feeds repeat themselves, and imports are run again.",
    "kept_equals_replayed": "A projection that is kept up to date is interrupted and taken up "
    "again all the time.",
    "a_stored_state_resumes": "A state that comes back from the disk as something else goes on "
    "wrongly from there, and nobody sees it.",
    "kept_incrementally_equals_replayed": "What `log.keep` answers in a moment has to be what a "
    "replay of years would.",
    "the_past_stays_as_it_was_known": "Whoever asks what was known on 9 September has to get the "
    "same answer for ever.",
    "what_was_voided_never_was": "A typing error that was taken back may not go on counting.",
    "what_was_retracted_is_gone": "A source that takes its word back may not go on being believed.",
    "links_are_honoured": "An attack that two data sets have is one attack, also where they give "
    "it two ids.",
    "a_void_undoes_a_link": "Two events that were taken for one by mistake are two again.",
    "no_answer_from_an_order_nobody_knows": "A list has to put one of two lines first; reading "
    "from that who came last is an invention.",
    "a_sharper_time_only_narrows": "If knowing more makes something possible that was ruled out "
    "before, then it was ruled out wrongly.",
    "keys_are_independent": "News about one town may not change what is known of another.",
    "merging_is_folding": "Late events are answered for, and long logs in parallel, by merging "
    "what was folded already.",
    "compaction_preserves_answers": "A projection of a long war may forget what no answer "
    "rests on, and nothing else.",
    "unknown_kinds_are_ignored": "Kinds are added to a log years after a projection was written.",
    "results_are_pure": "A question is asked more than once, and in between more is learned.",
    "handlers_accept_every_event": "One event that a source leaves incomplete would take every "
    "answer with it.",
    "equal_is_an_equivalence": "What can't tell two answers apart holds no law, and breaks none.",
    "essence_goes_by_the_answer": "Else a reason is found for a change that nobody can see.",
    "an_unknown_order_is_never_guessed": "Whoever sorts by the bounds of times reads out of them "
    "what no source has said.",
    "versions_nobody_ordered_lie_side_by_side": "Which of two versions came last is an invention "
    "where their source doesn't say so.",
    "a_wider_count_only_widens": "Knowing less may not rule out what was possible before.",
    "ids_are_only_names": "Ids are given by whoever imports, and say nothing about the world.",
    # --- kinds of event
    "what_is_written_is_read_back": "Otherwise a log answers differently after it was closed.",
    "making_it_again_changes_nothing": "A correction by `attrs.evolve` may change what it names "
    "and nothing else.",
    "equal_events_have_one_id": "Else one event is counted twice, or two are taken for one.",
    "an_event_never_changes": "Its id is derived from what it holds, and would no longer fit.",
    "an_event_needs_no_clock": "What is read from a log years later, and elsewhere, has to be what "
    "was written.",
    "the_kind_is_its_own": "Classes are renamed and moved; what was written before has to be found "
    "all the same.",
    "every_event_has_a_headline": "One event that can't be shown spoils a whole chronology.",
    "what_is_refused_stays_refused": "A log may come from somebody else, whose program had no such "
    "checks.",
    "old_versions_read_the_same_in_steps": "An archive is read by programs of many versions, and "
    "all have to see the same event.",
    "an_old_event_stays_itself": "Retractions and citations name events and claims by their ids, "
    "and would point at nothing.",
    # --- orders
    "an_order_never_contradicts_the_sources": "A chronology that puts the later event first is "
    "wrong, and looks right.",
    "any_two_events_have_one_order": "Where neither comes first chance decides, and two printouts "
    "differ.",
    "an_order_runs_in_no_circle": "In a circle, sorting gives whatever it likes.",
    "an_order_stays_when_events_are_added": "Late news may come in between, and may not stir the "
    "past.",
    "an_order_is_no_matter_of_arrival": "News comes in no order; the list in the end may not "
    "depend on who was faster.",
    "an_order_is_the_same_in_every_process": "Two people who print the same log have to get the "
    "same list.",
    # --- stores
    "it_answers_like_a_plain_list": "Everything rests on the log; what it forgets or makes up, no "
    "projection can mend.",
    "an_append_is_all_or_none": "Half of an import looks like all of it, and nobody comes back for "
    "the rest.",
    "an_id_is_kept_once": "Imports are run again, and who got no answer sends again.",
    "positions_run_without_a_gap": "A position is the token by which an answer repeats for ever.",
    "recorded_never_goes_back": "What was known by a moment has to stay known by then.",
    "a_stale_condition_changes_nothing": "Who decides by what the log says has to be sure that it "
    "still says so.",
    "a_slice_is_what_was_asked_for": "A log is followed slice by slice; a row too few is lost, one "
    "too many is counted twice.",
    "bytes_in_are_bytes_out": "An entry's id is a hash of its bytes, and a quote is kept as it was "
    "said.",
    "reopened_it_remembers": "A log is kept for years, and opened by one process after the other.",
    "two_stores_share_nothing": "Two investigations on one machine may not leak into each other.",
    "picked_by_its_place_it_is_the_row": "Proofs and audits look up single rows, and would be "
    "about another one.",
    "every_entry_has_a_salt_of_its_own": "Without one, a content that was erased could be guessed "
    "from its hash.",
    "the_root_is_over_all_leaves": "By the root others can tell that nothing was changed or left "
    "out.",
    "a_kept_state_is_swapped_whole": "A state that is kept in part, or over a newer one, answers "
    "wrongly from then on.",
    "of_two_keepers_one_wins": "Of two states that are kept at once one is lost, and nobody knows "
    "which.",
    "what_was_erased_is_nowhere": "Whoever is in danger by what a log says has to be gone from all "
    "of it.",
    "a_waiter_is_woken": "Whoever follows a log would wait on while the news is there.",
    "a_copy_is_the_same_log": "A log survives by its copies; one that differs proves nothing.",
    "a_copy_stays_a_prefix": "A copy that went its own way is refused for ever, and keeps what "
    "had to be erased.",
    "a_reader_sees_no_gap": _GAP,
    "a_reader_in_another_process_sees_no_gap": _GAP,
    "of_two_writers_one_wins": _WINNER,
    "of_two_processes_one_wins": _WINNER,
    "acknowledged_is_there_after_a_crash": "Machines fail; what somebody was told is kept has to "
    "be there.",
    # --- exporters
    "any_accounts_make_output": "An export that fails on one odd event leaves its reader with "
    "nothing.",
    "output_needs_no_clock": "Two outputs can be compared, and what changed is news.",
    "output_is_the_same_in_every_process": "What nobody can make again to the byte, nobody can "
    "check.",
    "making_it_again_gives_the_same": "Otherwise each export depends on those that were made "
    "before.",
    "nothing_breaks_out": "Whoever is quoted could write into the page that quotes him.",
}
"""Why each law matters, by its name."""
