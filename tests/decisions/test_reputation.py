"""Reputation by command: who may change it, what everybody reads, and what voting earns."""

import pytest

from sandbox.discord import Message, NotOffered
from sandbox.discord.people import Person
from tests.moot import DAY, Moot, private


async def grant(moot: Moot, member: Person, points: int = 10, reason: str = "The feast") -> Message:
    return await private(
        moot.owner.command(
            "reputation grant", in_=moot.square, member=member, points=points, reason=reason
        )
    )


async def take(moot: Moot, member: Person, points: int, reason: str = "Noise") -> Message:
    return await private(
        moot.owner.command(
            "reputation take", in_=moot.square, member=member, points=points, reason=reason
        )
    )


async def show(moot: Moot, asker: Person, **whose: Person) -> Message:
    return await private(asker.command("reputation show", in_=moot.square, **whose))


async def rules(moot: Moot, who: Person, **given: object) -> Message:
    return await private(who.command("reputation rules", in_=moot.square, **given))


async def test_everybody_reads_what_was_granted_and_taken_and_why(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    answer = await grant(ready, ann, 1000)
    assert f"{ann.mention} has 1,000 points more: 1,000 points now" in answer.text
    answer = await take(ready, ann, 1)
    assert f"{ann.mention} has 1 point less: 999 points now" in answer.text
    shown = await show(ready, bea, member=ann)
    assert f"{ann.mention} holds **999 points**" in shown.text
    taken, granted = (line for line in shown.text.splitlines() if " · " in line)
    assert taken.startswith(f"**-1** · Noise · by {ready.owner.mention} · <t:")
    assert granted.startswith(f"**+1,000** · The feast · by {ready.owner.mention} · <t:")
    assert "worth" not in shown.text
    mine = await show(ready, bea)
    assert f"{bea.mention} holds **0 points**. There are no entries." in mine.text


async def test_points_that_fade_are_shown_with_what_they_are_worth_now(ready: Moot) -> None:
    ann = ready.member("Ann")
    answer = await rules(ready, ready.owner, half_life="1d")
    assert "**half_life**: 1 day" in answer.text
    await grant(ready, ann, 10)
    ready.clock.advance(2 * DAY)
    assert "worth ≈2.5 points now" in (await show(ready, ann)).text
    ready.clock.advance(7 * DAY)
    assert "holds **≈0.02 points**" in (await show(ready, ann)).text
    assert "has ≈0.02 points, so 1 can't be taken" in (await take(ready, ann, 1)).text


@pytest.mark.parametrize("command", ["grant", "take"])
async def test_what_is_not_possible_is_refused_with_a_sentence(ready: Moot, command: str) -> None:
    ann, gone = ready.member("Ann"), ready.member("Gone")
    gone.leave()
    robot = ready.application.user_id

    async def tried(who: Person, member: object, points: int = 1, reason: str = "x") -> str:
        options = {"member": member, "points": points, "reason": reason}
        answer = await private(
            who.command(f"reputation {command}", in_=ready.square, tamper=True, **options)
        )
        return answer.text

    assert "Manage Server" in await tried(ann, ready.owner)
    assert "another moderator" in await tried(ready.owner, ready.owner)
    assert "isn't a member of this server" in await tried(ready.owner, gone)
    assert "Bots have no reputation" in await tried(ready.owner, robot)
    assert "0 points aren't possible" in await tried(ready.owner, ann, 0)
    assert "1,000,001 points aren't possible" in await tried(ready.owner, ann, 1_000_001)
    assert "The reason is empty" in await tried(ready.owner, ann, 1, " ")
    assert "301 characters" in await tried(ready.owner, ann, 1, "x" * 301)
    assert "There are no entries" in (await show(ready, ann)).text


async def test_more_than_there_is_cannot_be_taken(ready: Moot) -> None:
    ann = ready.member("Ann")
    await grant(ready, ann, 7)
    refusal = await take(ready, ann, 8)
    assert refusal.text == f"{ann.mention} has 7 points, so 8 can't be taken. Take 7 at most."


async def test_discord_offers_no_points_or_reasons_out_of_bounds(ready: Moot) -> None:
    ann = ready.member("Ann")
    for points, reason in ((0, "x"), (1_000_001, "x"), (1, ""), (1, "x" * 301)):
        with pytest.raises(NotOffered):
            await grant(ready, ann, points, reason)


async def test_entries_are_paged_for_whoever_looks_after_any_restart(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    for n in range(1, 8):
        await grant(ready, ann, n, f"Feast {n} " + "`*_|>" * 55)
    first = await show(ready, bea, member=ann)
    assert first.buttons == ["Older"]
    await ready.stop()
    await ready.start()
    second = await private(bea.press(first, "Older"))
    assert second.buttons == ["Newer"]
    assert f"{ann.mention} holds **28 points**" in second.text
    found = [n for n in range(1, 8) for page in (first, second) if f"Feast {n} " in page.text]
    assert found == [*range(1, 8)]
    assert (await private(bea.press(second, "Newer"))).text == first.text
    beyond = await private(bea.press_custom_id(first, f"fm1:reputation:9:{10**8}:0"))
    assert "There are no more entries" in beyond.text
    forged = await private(bea.press_custom_id(first, f"fm1:reputation:0:{10**14}:0"))
    assert "I don't know this button" in forged.text


async def test_reasons_cannot_ping_or_pretend(ready: Moot) -> None:
    ann = ready.member("Ann")
    await grant(ready, ann, 1, f"**[free](https://evil.example)** @everyone {ann.mention}")
    shown = await show(ready, ann)
    assert "\\*\\*\\[free\\]\\(https\\:" in shown.text
    assert "\\@everyone" in shown.text


async def test_the_leaderboard_is_paged(ready: Moot) -> None:
    empty = await private(ready.owner.command("reputation leaderboard", in_=ready.square))
    assert "Nobody holds reputation here yet" in empty.text
    people = [ready.member(f"Villager {n}") for n in range(22)]
    for n, person in enumerate(people):
        await grant(ready, person, 100 - n // 2)
    first = await private(people[0].command("reputation leaderboard", in_=ready.square))
    assert first.text.splitlines()[1:4] == [
        f"**1.** {people[0].mention} · 100 points",
        f"**1.** {people[1].mention} · 100 points",
        f"**3.** {people[2].mention} · 99 points",
    ]
    assert first.buttons == ["Next"]
    second = await private(people[0].press(first, "Next"))
    assert second.text.splitlines()[1:] == [
        f"**21.** {people[20].mention} · 90 points",
        f"**21.** {people[21].mention} · 90 points",
    ]
    assert second.buttons == ["Previous"]
    beyond = await private(people[0].press_custom_id(first, "fm1:leaderboard:7"))
    assert "nobody else" in beyond.text


async def test_rules_are_shown_to_all_and_changed_by_moderators(ready: Moot) -> None:
    ann = ready.member("Ann")
    shown = await rules(ready, ann)
    for rule in ("**voting**: none", "**success**: none", "**half_life**: none"):
        assert rule in shown.text
    assert "Manage Server" in (await rules(ready, ann, voting=5)).text
    changed = await rules(ready, ready.owner, voting=5, success=50, half_life="90d")
    for rule in ("**voting**: 5", "**success**: 50", "**half_life**: 90 days"):
        assert rule in changed.text
    refusal = await rules(ready, ready.owner, half_life="soon")
    assert "isn't a length of time" in refusal.text
    assert (await rules(ready, ann)).text == changed.text
    assert "All set" in (await ready.setup()).text


async def test_voting_and_passing_earn_points_that_name_the_proposal(ready: Moot) -> None:
    ann, bea = ready.member("Ann"), ready.member("Bea")
    await rules(ready, ready.owner, voting=2, success=5)
    card = await ready.opened(ann, "Mend *all* wells")
    await private(bea.press(card, "For"))
    await ready.wait_for_deadline()
    shown = await show(ready, bea)
    assert f"{bea.mention} holds **2 points**" in shown.text
    assert "**+2** · Voted on \\#1 Mend \\*all\\* wells · <t:" in shown.text
    assert "Proposed \\#1 Mend \\*all\\* wells, which passed" in (await show(ready, ann)).text
