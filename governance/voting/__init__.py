"""Voting systems by the name that a proposal's frozen rules hold."""

from collections.abc import Mapping

from governance.voting import basic
from governance.voting.system import VotingSystem

SYSTEMS: Mapping[str, VotingSystem] = {basic.NAME: basic}
