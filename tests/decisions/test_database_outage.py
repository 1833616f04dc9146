"""The database server is stopped and started again: a sentence, and nothing lost."""

import os

import pytest

from sandbox.discord import Form
from tests import stores
from tests.moot import Moot, private

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(
        stores.FOREIGN_SERVER in os.environ, reason="the server isn't ours to be stopped"
    ),
]
AWAY = "The database doesn't answer at the moment, so nothing was recorded."


async def test_while_the_server_is_away_votes_are_refused_and_afterwards_counted(
    ready: Moot,
) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    async with stores.outage():
        assert AWAY in (await private(bea.press(card, "For"))).text
        assert AWAY in (await private(ann.press(card, "My vote"))).text
    assert "Counted" in (await private(bea.press(card, "For"))).text
    assert "**For**" in (await private(ann.press(card, "My vote"))).text
    result = await ready.wait_for_deadline()
    assert "2 voters" in result.text


async def test_a_form_sent_while_the_server_is_away_keeps_its_text(ready: Moot) -> None:
    ann = ready.member("Ann")
    form = await ann.command("propose", in_=ready.square)
    assert isinstance(form, Form)
    async with stores.outage():
        refusal = await private(form.submit(title="Mend the well", body="It is dry."))
        assert AWAY in refusal.text
    again = await ann.press(refusal, "Edit again")
    assert isinstance(again, Form)
    assert "#1 Mend the well is up" in (await private(again.submit())).text
