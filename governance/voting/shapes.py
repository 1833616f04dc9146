"""The forms of a ballot: what is valid, how members write it, and how it reads on a receipt."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeGuard, cast

from governance.errors import Refusal
from governance.power import UNIT, whole
from governance.voting.system import (
    Ballots,
    Choice,
    Numbers,
    Places,
    Points,
    Score,
    Shape,
    Terms,
)

NOTHING = ("none", "-")
"""What stands for an empty ballot where one is typed."""

LISTED, LONGEST = 25, 40  # choices in a refusal, and letters of each: it must fit in a message
LARGEST = 10**40  # points: far above any budget, and short enough for a refusal

HOW = {
    Shape.ONE: "Write the number or the name of one choice",
    Shape.SOME: "Write the choices that you approve of, or none",
    Shape.RANKING: "Write your ranking, best first",
    Shape.TIED_RANKING: "Write your ranking, best first, with = between equals",
    Shape.POINTS: "Write a choice, a colon and a whole number, as often as you like",
    Shape.STAKES: "Write how much you stake",
}
SYNTAX = {  # what follows a choice, and what separates choices, in a line with single spaces
    Shape.ONE: ("", "(?!)"),
    Shape.SOME: ("", "[, ]"),
    Shape.RANKING: ("", ">"),
    Shape.TIED_RANKING: ("", "[>=]"),
    Shape.POINTS: (r" ?: ?([+-]?\d{1,40})", "[, ]"),
}
AMOUNT = r"\d{1,60}(?:\.\d{1,18})?"


def one(choice: object, terms: Terms) -> int:
    """One choice."""
    if _is_number(choice) and 1 <= choice <= len(terms.choices):
        return choice
    which = f"choice {choice}" if _is_number(choice) and abs(choice) < LARGEST else "such choice"
    raise Refusal(f"There is no {which} here. Choose from: {_offered(terms)}.")


def some(choice: object, terms: Terms) -> tuple[int, ...]:
    """Any number of different choices, none of them included."""
    return tuple(sorted(_different(_items(choice, Shape.SOME, terms), terms)))


def ranking(choice: object, terms: Terms, *, full: bool = False) -> tuple[int, ...]:
    """Different choices, best first; with `full`, all of them."""
    ranked = _different(_items(choice, Shape.RANKING, terms), terms)
    missing = sorted(set(range(1, len(terms.choices) + 1)).difference(ranked))
    if full and missing:
        names = _together([_named(number, terms) for number in missing[:LISTED]])
        raise Refusal(f"Rank every choice: your ranking lacks {names}.")
    return ranked


def tied_ranking(choice: object, terms: Terms) -> Places:
    """Places of different choices, best first; a place held by one choice may be its number."""
    places = [
        _items(place, Shape.TIED_RANKING, terms) if isinstance(place, list | tuple) else [place]
        for place in _items(choice, Shape.TIED_RANKING, terms)
    ]
    if not all(places):
        raise Refusal(
            f"Every place in a ranking needs a choice. {_example(Shape.TIED_RANKING, terms)}"
        )
    _different([number for place in places for number in place], terms)
    return cast("Places", tuple(tuple(sorted(place)) for place in places))


def points(choice: object, terms: Terms, *, negative: bool = False) -> Points:
    """Whole points for different choices; those with 0 are left out."""
    given: dict[int, int] = {}
    for item in _items(choice, Shape.POINTS, terms):
        named, amount = _pair(item, Shape.POINTS, terms)
        number = one(named, terms)
        name = _named(number, terms)
        if number in given:
            raise Refusal(f"You gave {name} points twice: name each choice once.")
        if not _is_number(amount):
            raise Refusal(f"Give {name} a whole number, such as 3.")
        if abs(amount) >= LARGEST:
            raise Refusal(f"Give {name} a smaller number: nobody can give so many.")
        if amount < 0 and not negative:
            raise Refusal(f"You gave {name} {amount}: give it 0 or more.")
        given[number] = amount
    return tuple((number, given[number]) for number in sorted(given) if given[number])


def stakes(choice: object, power: int, terms: Terms) -> Points:
    """A voter's stake (units) from each step on, by ascending step."""
    history: list[tuple[int, int]] = []
    for item in _items(choice, Shape.STAKES, terms):
        step, stake = _pair(item, Shape.STAKES, terms)
        if not _is_number(step) or step < 0 or (history and step <= history[-1][0]):
            raise Refusal("Put each change of a stake at a later step than the one before it.")
        if not _is_number(stake) or stake < 0:
            raise Refusal("Stake 0 or more; 0 withdraws your stake.")
        if stake > power:
            raise Refusal(f"You have {whole(power)} to stake: stake that or less.")
        history.append((step, stake))
    if not history:
        raise Refusal(_example(Shape.STAKES, terms))
    return tuple(history)


def parsed(shape: Shape, text: str, terms: Terms) -> object:
    """What a member typed in one line, as `check` takes it; a Refusal shows how to write it.

    A choice is its number or its name in any case; a name that two choices share is left to
    numbers. A line made only of numbers means numbers, whatever the choices are called. A stake is
    in whole votes, and alone it counts from the closing step of the terms on.
    """
    line = " ".join(text.split()).casefold()
    names = _names(terms)
    if shape is Shape.STAKES:
        return _parsed_stakes(line, terms)
    if shape is not Shape.ONE and line in NOTHING:
        if line in names:
            instead = next(word for word in NOTHING if word not in names)
            raise Refusal(
                f"One choice has the name {line}: write {names[line]} to choose it, "
                f"or {instead} to choose nothing."
            )
        return ()
    numbers = {str(number): number for number in range(1, len(terms.choices) + 1)}
    read = _read(shape, line, numbers) or _read(shape, line, {**names, **numbers}, r"\d{1,9}")
    if read is None:
        raise Refusal(f"{_example(shape, terms)} The choices: {_offered(terms)}.")
    return read


def typed(shape: Shape, choice: Choice) -> str:
    """A valid choice as a member would type it: `parsed` and `check` give it back."""
    if isinstance(choice, int):
        return str(choice)
    if not choice:
        return NOTHING[0]
    match shape:
        case Shape.RANKING:
            return ">".join(map(str, choice))
        case Shape.TIED_RANKING:
            return ">".join("=".join(map(str, place)) for place in cast("Places", choice))
        case Shape.POINTS:
            return " ".join(f"{number}:{amount}" for number, amount in cast("Points", choice))
        case Shape.STAKES:
            history = cast("Points", choice)
            return " ".join(f"{step}:{whole(stake).replace(',', '')}" for step, stake in history)
        case _:
            return ", ".join(map(str, choice))


def words(shape: Shape, choice: Choice, names: Sequence[str]) -> str:
    """A valid choice in words, for a receipt; `names` are those of the choices."""
    if isinstance(choice, int):
        return names[choice - 1]
    if not choice:
        return "nothing (counted for turnout only)"
    match shape:
        case Shape.POINTS:
            given = cast("Points", choice)
            return ", ".join(f"{names[number - 1]} {amount:,}" for number, amount in given)
        case Shape.STAKES:
            history = cast("Points", choice)
            return ", ".join(f"{whole(stake)} from step {step} on" for step, stake in history)
        case Shape.SOME:
            return _together([names[number - 1] for number in cast("Numbers", choice)])
        case _:
            places = [[place] if isinstance(place, int) else list(place) for place in choice]
            together = [_together([names[number - 1] for number in place]) for place in places]
            return ", ".join(f"{place}. {name}" for place, name in enumerate(together, 1))


def grouped(ballots: Ballots) -> tuple[dict[Choice, int], dict[Choice, int]]:
    """The power (units) and the number of the ballots with each choice."""
    powers: defaultdict[Choice, int] = defaultdict(int)
    numbers: defaultdict[Choice, int] = defaultdict(int)
    for choice, power, times in ballots:
        powers[choice] += power * times
        numbers[choice] += times
    return powers, numbers


def added(
    ballots: Ballots,
    terms: Terms,
    score: Callable[[Choice, int, Terms], Mapping[int, Score]],
    *,
    by_power: bool = True,
) -> tuple[dict[int, Score], int, int]:
    """The scores, power and number of ballots, for `tallied`.

    Equal choices are scored together: `score` must be linear in power or, without `by_power`,
    independent of it.
    """
    powers, numbers = grouped(ballots)
    scores: defaultdict[int, Score] = defaultdict(int)
    for choice, power in powers.items():
        times = 1 if by_power else numbers[choice]
        for number, gain in score(choice, power, terms).items():
            scores[number] += gain * times
    return scores, sum(powers.values()), sum(numbers.values())


def _is_number(value: object) -> TypeGuard[int]:
    return type(value) is int


def _items(choice: object, shape: Shape, terms: Terms) -> Sequence[object]:
    if isinstance(choice, list | tuple):
        return choice
    raise Refusal(_example(shape, terms))


def _pair(item: object, shape: Shape, terms: Terms) -> tuple[object, object]:
    if isinstance(item, list | tuple) and len(item) == 2:
        return item[0], item[1]
    raise Refusal(_example(shape, terms))


def _different(choices: Iterable[object], terms: Terms) -> tuple[int, ...]:
    seen: dict[int, None] = {}
    for choice in choices:
        number = one(choice, terms)
        if number in seen:
            raise Refusal(f"You named {_named(number, terms)} twice: name each choice once.")
        seen[number] = None
    return tuple(seen)


def _named(number: int, terms: Terms) -> str:
    name = terms.choices[number - 1]
    return f"{number} {name if len(name) <= LONGEST else name[: LONGEST - 1] + '…'}"


def _offered(terms: Terms) -> str:
    names = [_named(number, terms) for number in range(1, len(terms.choices) + 1)]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _together(names: Sequence[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def _example(shape: Shape, terms: Terms) -> str:
    if shape is Shape.STAKES:
        return f"{HOW[shape]}, for example “0.5”."
    last = len(terms.choices)
    samples: dict[Shape, Choice] = {
        Shape.ONE: last,
        Shape.SOME: (1, 2)[:last],
        Shape.RANKING: (2, 1, 3)[:last] if last > 1 else (1,),
        Shape.TIED_RANKING: ((2,), (1, 3)[: last - 1]) if last > 1 else ((1,),),
        Shape.POINTS: ((1, 3), (2, 1))[:last],
    }
    sample = samples[shape]
    meaning = words(shape, sample, terms.choices)
    return f"{HOW[shape]}, for example “{typed(shape, sample)}” for {meaning}."


def _names(terms: Terms) -> dict[str, int]:
    """The choices whose name is theirs alone, as it reads in a line."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(terms.choices, 1):
        numbers[" ".join(name.split()).casefold()].append(number)
    return {name: same[0] for name, same in numbers.items() if name and len(same) == 1}


def _read(shape: Shape, line: str, known: Mapping[str, int], other: str = "(?!)") -> object:
    """What the line says, with choices by the keys of `known` or the number `other`; or None."""
    name = "|".join([*map(re.escape, sorted(known, key=len, reverse=True)), other])
    amount, separator = SYNTAX[shape]
    item = re.compile(rf"({name}){amount} ?({separator}|\Z) ?")
    found, place = [], 0
    while matched := item.match(line, place):
        found.append(matched)
        place = matched.end()
        if matched[matched.re.groups] == "":
            break
    else:
        return None
    numbers = [known[each[1]] if each[1] in known else int(each[1]) for each in found]
    match shape:
        case Shape.ONE:
            return numbers[0]
        case Shape.POINTS:
            return tuple(
                (number, int(each[2])) for number, each in zip(numbers, found, strict=True)
            )
        case Shape.TIED_RANKING:
            places: list[tuple[int, ...]] = [()]
            for number, each in zip(numbers, found, strict=True):
                places[-1] += (number,)
                if each[2] == ">":
                    places.append(())
            return tuple(places)
        case _:
            return tuple(numbers)


def _parsed_stakes(line: str, terms: Terms) -> object:
    if re.fullmatch(AMOUNT, line):
        return ((terms.closing_step, _units(line)),)
    history = [re.fullmatch(rf"(\d{{1,9}}):({AMOUNT})", item) for item in line.split()]
    if not history or not all(history):
        raise Refusal(_example(Shape.STAKES, terms))
    return tuple((int(change[1]), _units(change[2])) for change in history if change)


def _units(amount: str) -> int:
    votes, _, rest = amount.partition(".")
    return int(votes) * UNIT + int(rest.ljust(18, "0"))
