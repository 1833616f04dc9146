"""A count as JSON holds it: exact numbers as text, because JSON's readers round them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

from governance.voting.system import Choice, Count, Round, Score


def as_json(count: Count) -> dict[str, Any]:
    """Inverse of `from_json`. Choices are keys; `pairs` are [preferred, to, power]."""
    return {
        "ballots": count.ballots,
        "power": str(count.power),
        "scores": scores_as_json(count.scores),
        "ranking": [list(group) for group in count.ranking],
        "rounds": [
            {
                "scores": scores_as_json(each.scores),
                "exhausted": str(each.exhausted),
                "dropped": each.dropped,
                "by_lot": each.by_lot,
            }
            for each in count.rounds
        ],
        "threshold": None if count.threshold is None else str(count.threshold),
        "pairs": [[*pair, str(power)] for pair, power in count.pairs.items()],
    }


def from_json(value: Mapping[str, Any]) -> Count:
    """Raises KeyError, TypeError or ValueError where it isn't one."""
    return Count(
        ballots=int(value["ballots"]),
        power=int(value["power"]),
        scores=scores_from_json(value["scores"]),
        ranking=tuple(tuple(group) for group in value["ranking"]),
        rounds=tuple(
            Round(
                {int(choice): int(score) for choice, score in each["scores"].items()},
                int(each["exhausted"]),
                each["dropped"],
                each["by_lot"],
            )
            for each in value["rounds"]
        ),
        threshold=None if value["threshold"] is None else Fraction(value["threshold"]),
        pairs={(first, second): int(power) for first, second, power in value["pairs"]},
    )


def scores_as_json(scores: Mapping[int, Score]) -> dict[str, str]:
    return {str(choice): str(score) for choice, score in scores.items()}


def scores_from_json(value: Mapping[str, str]) -> dict[int, Score]:
    return {int(choice): exact(score) for choice, score in value.items()}


def exact(text: str) -> Score:
    """`5` or `5/2`."""
    return Fraction(text) if "/" in text else int(text)


def choice_from_json(value: Any) -> Choice:
    """A ballot's choice, with tuples for JSON's lists."""
    if isinstance(value, list):
        return cast("Choice", tuple(choice_from_json(each) for each in value))
    return int(value)
