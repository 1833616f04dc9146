"""How a vote ends, and that everybody learns it once."""

import sys
from functools import partialmethod
from pathlib import Path

import pytest

from bot.pictures import Painter
from governance.result import SHOWN_DIGITS
from governance.result_recount import verified
from tests.moot import DAY, Moot, hamlet, private, visible


@pytest.mark.parametrize(
    ("votes", "quorum", "state", "reason"),
    [
        (("For", "For", "Against"), 0, "Succeeded", "more votes For than Against"),
        (("For", "Against", "Against"), 0, "Defeated", "more votes Against than For"),
        (("For", "Against", "Abstain"), 0, "Defeated", "a tie: as many For as Against"),
        (("For", "Against", "Against"), 2, "Defeated", "quorum was not reached"),
        (("For", "Abstain", "Abstain"), 3, "Succeeded", "more votes For than Against"),
        ((), 0, "Defeated", "nobody voted"),
    ],
)
async def test_a_vote_ends_with_a_reason(
    moot: Moot, votes: tuple[str, ...], quorum: int, state: str, reason: str
) -> None:
    await moot.setup(quorum=quorum)
    ann = moot.member("Ann")
    voters = [moot.member(f"Voter {n}") for n in range(len(votes))]
    card = await moot.opened(ann)
    for voter, choice in zip(voters, votes, strict=True):
        await private(voter.press(card, choice))
    result = await moot.wait_for_deadline()
    assert f"**{state}**: {reason}" in result.text
    assert f"{len(votes)} voter" in result.text
    await ann.sees(moot.proposals, f"**{state}**: {reason}")
    assert card.buttons == []
    await ann.sees(moot.thread(card), state)


async def test_the_result_comes_through_the_webhook_and_once(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    result = await ready.wait_for_deadline()
    assert result.author.name == "Folkmoot results"
    assert str(card.id) in str(result.embeds)
    assert "Counted late" not in result.text
    ready.clock.advance(DAY)
    await ready.stop()
    await ready.start()
    await private(ann.command("proposal show", in_=ready.square, proposal="1"))
    assert visible(ann, ready.results).count("Mend the well") == result.text.count("Mend the well")


async def test_a_result_comes_with_a_picture_that_is_told_in_words_too(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partialmethod(Painter.paint, within=60)  # on a busy machine the worker starts slowly
    monkeypatch.setattr(Painter, "paint", patient)
    async with hamlet(tmp_path, database_url, pictures=True) as moot:
        await moot.setup()
        ann = moot.member("Ann")
        card = await moot.opened(ann)
        await private(ann.press(card, "For"))
        moot.clock.advance(3 * DAY)
        result = await ann.sees(moot.results, "succeeded", within=70)
        (attached,) = result.raw["attachments"]
        assert attached["filename"] == "result.png"
        assert "For: 1 (100 %)" in attached["description"]
        assert result.raw["embeds"][0]["image"]["url"].endswith("result.png")


async def test_a_result_waits_for_no_picture(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")  # so that no worker ever starts
    async with hamlet(tmp_path, database_url, pictures=True) as moot:
        await moot.setup()
        ann = moot.member("Ann")
        card = await moot.opened(ann)
        await private(ann.press(card, "For"))
        result = await moot.wait_for_deadline()
        assert "succeeded" in result.text
        assert result.raw["attachments"] == []


async def test_a_result_names_the_fingerprint_of_its_file(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    result = await ready.wait_for_deadline()
    file = await ready.bot.services.results.numbered(ready.server.id, 1)
    assert verified(file).problems == ()
    assert file["fingerprint"][:SHOWN_DIGITS] in result.text


async def test_a_vote_whose_end_the_bot_missed_is_closed_at_the_start(ready: Moot) -> None:
    ann = ready.member("Ann")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    await ready.stop()
    ready.clock.advance(5 * DAY)
    await ready.start()
    result = await ready.owner.sees(ready.results, "succeeded")
    assert "voting ended <t:" in result.text
    assert "Counted late" in result.text
    await ann.sees(ready.proposals, "Succeeded")
    assert card.buttons == []
    assert "is open until" in visible(ann, ready.thread(card))


async def test_a_vote_that_opened_and_ended_while_the_bot_was_away_is_not_announced_as_open(
    ready: Moot,
) -> None:
    card = await ready.proposed(ready.member("Ann"))
    await ready.stop()
    ready.clock.advance(5 * DAY)
    await ready.start()
    await ready.owner.sees(ready.results, "was defeated")
    assert "is open until" not in visible(ready.owner, ready.thread(card))
