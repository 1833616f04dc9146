"""Voting systems by the name that a proposal's frozen rules hold, in the order of a menu."""

from collections.abc import Mapping

from governance.voting import (
    approval,
    basic,
    condorcet,
    conviction,
    copeland,
    multisig,
    quadratic,
    quadratic_funding,
    ranked_choice,
    single_choice,
    weighted,
)
from governance.voting.system import VotingSystem

SYSTEMS: Mapping[str, VotingSystem] = {
    basic.NAME: basic,
    single_choice.NAME: single_choice,
    approval.NAME: approval,
    ranked_choice.NAME: ranked_choice,
    condorcet.NAME: condorcet,
    copeland.NAME: copeland,
    weighted.NAME: weighted,
    quadratic.NAME: quadratic,
    quadratic_funding.NAME: quadratic_funding,
    multisig.NAME: multisig,
    conviction.NAME: conviction,
}

WITHOUT_DELEGATION = (
    quadratic.NAME,
    quadratic_funding.NAME,
    multisig.NAME,
    conviction.NAME,
)
"""Systems that count persons, or give each a budget: in them nobody votes for another."""
