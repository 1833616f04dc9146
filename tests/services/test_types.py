"""Types whose rules refer to the power of a whole electorate."""

import pytest

from governance.errors import Refusal
from services.types import Types
from tests.services.hall import MODERATOR, Hall
from tests.storage.databases import HAMLET

ROOTS = {"power_curve": "sqrt", "quorum": "8 %"}


async def test_a_share_of_what_nobody_knows_makes_no_type(hall: Hall) -> None:
    with pytest.raises(Refusal, match="quorum refers to the power of the whole electorate"):
        await hall.type("Bylaw", **ROOTS)
    await hall.type("Bylaw", quorum="8 %")
    with pytest.raises(Refusal, match="enable the members intent"):
        await hall.types.change(HAMLET, MODERATOR, "Bylaw", {"power_curve": "sqrt"})
    _, rules = await hall.types.find(HAMLET, "Bylaw")
    assert rules.power_curve == "linear"


async def test_where_discord_lists_all_members_every_share_can_be_told(hall: Hall) -> None:
    types = Types(hall.database, lists_members=lambda: True)
    await types.create(HAMLET, MODERATOR, "Bylaw", ROOTS)
    _, rules = await types.find(HAMLET, "Bylaw")
    assert (rules.power_curve, rules.quorum.share) != ("linear", None)
