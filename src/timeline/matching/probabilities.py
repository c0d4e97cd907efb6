"""Weighs many candidates by the Fellegi-Sunter model, as Splink estimates it without examples.

How often two reports of one event agree in each respect, and two of different events do, is
estimated by expectation and maximisation from the pairs themselves (Fellegi and Sunter 1969; Splink
runs it in DuckDB). So a probability is of this data under that model, and no more: a desk decides.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from timeline.errors import LogError
from timeline.extras import needed
from timeline.matching.candidates import Candidate
from timeline.matching.names import NameCandidate

__all__ = ["FEWEST", "Weighed", "probabilities"]

FEWEST = 50
"""How many candidates there are at least: from fewer nothing can be estimated."""

_LEVELS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {"time": (0.95, 0.8, 0.4), "place": (0.95, 0.7, 0.3), "kind": (1.0,), "counts": (1.0, 0.25)}
    | {"actors": (0.99, 0.3), "words": (0.5, 0.15), "name": (0.999, 0.95, 0.9)}
)
"""From which value on two agree in a respect: well, less, and so on; below the last, they don't."""

_RESPECTS = 2
_SAMPLED = 1_000_000  # pairs from which it is estimated how often two agree by chance


@attrs.frozen
class Weighed:
    """A candidate and the probability that it is one, from 0 to 1, under the model."""

    candidate: Candidate | NameCandidate
    probability: float

    def __str__(self) -> str:
        return f"{self.probability:.3f} {self.candidate.link}?"


def probabilities(
    found: Iterable[Candidate | NameCandidate], *, share: float = 0.3
) -> list[Weighed]:
    """Return candidates with the probability that each is one, the most probable first.

    Give all that were found, with a low ``least``, so that there are pairs that aren't one among
    them; ``share`` is about how many of them are one, where the estimate begins. Raises
    ``MissingExtraError`` without the extra ``linkage``, and ``LogError`` for fewer than ``FEWEST``
    and where they differ in fewer than two respects, such as by their names alone.
    """
    several = list(found)
    splink: Any = needed("splink", extra="linkage", what="weighing candidates")
    if len(several) < FEWEST:
        raise LogError(
            f"{len(several)} candidates are too few to estimate probabilities from: give "
            f"{FEWEST} or more, with a lower least=, or decide on these by hand"
        )
    if not 0 < share < 1:
        raise LogError(f"share is how many of all are one, between 0 and 1, not {share!r}")
    weights = _estimated(splink, [_levels(one) for one in several], share)
    weighed = [Weighed(one, round(p, 6)) for one, p in zip(several, weights, strict=True)]
    return sorted(weighed, key=lambda it: (-it.probability, -it.candidate.score))


def _levels(one: Candidate | NameCandidate) -> dict[str, int | None]:
    """How well two agree in each respect: 0 not at all; None where one of them is silent."""
    return {
        name: None
        if (value := one.agreement.get(name)) is None
        else sum(value >= least for least in leasts)
        for name, leasts in _LEVELS.items()
    }


def _estimated(splink: Any, pairs: Sequence[Mapping[str, int | None]], share: float) -> list[float]:
    """Return the probability of each pair, by its levels."""
    levels: Any = needed("splink.comparison_level_library", extra="linkage", what="weighing")
    comparisons: Any = needed("splink.comparison_library", extra="linkage", what="weighing")
    arrow: Any = needed("pyarrow", extra="linkage", what="weighing")
    respects = [name for name in _LEVELS if len({pair[name] for pair in pairs} - {None}) > 1]
    if len(respects) < _RESPECTS:
        raise LogError(
            f"these {len(pairs)} candidates differ in {', '.join(respects) or 'nothing'} alone: "
            "no probability can be estimated from fewer than two respects; decide by their scores"
        )
    # Each pair is a block of its own: one row has its levels, the other stands beside it.
    number = list(range(len(pairs)))
    rows = {"unique_id": number, "pair": number}
    left = arrow.table(rows | {name: [pair[name] for pair in pairs] for name in respects})
    right = arrow.table(rows | {name: [0] * len(pairs) for name in respects})
    database = splink.DuckDBAPI()
    tables = [
        database.register(table, table_name=name, dataset_display_name=name)
        for name, table in (("a_left", left), ("b_right", right))
    ]

    def comparison(name: str) -> Any:
        several = range(len(_LEVELS[name]), 0, -1)
        return comparisons.CustomComparison(
            output_column_name=name,
            comparison_levels=[
                levels.NullLevel(name),
                *(levels.CustomLevel(f'"{name}_l" >= {level}', str(level)) for level in several),
                levels.ElseLevel(),
            ],
        )

    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[comparison(name) for name in respects],
        blocking_rules_to_generate_predictions=[splink.block_on("pair")],
        probability_two_random_records_match=share,
    )
    linker = splink.Linker(tables, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(splink.block_on("pair"))
    given = linker.inference.predict().as_record_list()
    by_pair = {row["unique_id_l"]: float(row["match_probability"]) for row in given}
    return [by_pair[one] for one in number]
