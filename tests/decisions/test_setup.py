"""Setting a server up, and changing it later."""

from collections.abc import Callable

import pytest

from sandbox.discord import Faults, NotOffered, Permission, Planned
from tests.moot import NEEDED, Moot, private

Break = Callable[[Faults, str], Planned]


async def test_setup_says_what_is_still_needed(moot: Moot) -> None:
    answer = await private(moot.owner.command("setup", in_=moot.square))
    assert "not set" in answer.text
    assert "/setup proposals_channel: results_channel:" in answer.text


async def test_setup_shows_the_defaults_and_makes_a_webhook(moot: Moot) -> None:
    answer = await moot.setup()
    assert f"<#{moot.proposals.id}>" in answer.text
    assert "**quorum**: none" in answer.text
    assert "**voting_delay**: 1 day" in answer.text
    assert "**voting_period**: 3 days" in answer.text
    assert "All set" in answer.text
    assert len(moot.webhooks()) == 1


async def test_setup_again_changes_only_what_is_given(moot: Moot) -> None:
    await moot.setup(quorum=5)
    citizen = moot.server.add_role("Citizen")
    answer = await private(
        moot.owner.command("setup", in_=moot.square, voting_role=citizen, voting_period="1m")
    )
    assert "**quorum**: 5" in answer.text
    assert f"**voting_role**: <@&{citizen.id}>" in answer.text
    assert "**voting_period**: 1 minute" in answer.text
    assert len(moot.webhooks()) == 1
    answer = await private(
        moot.owner.command("setup", in_=moot.square, voting_role=moot.server.everyone, quorum=0)
    )
    assert "**voting_role**: @everyone" in answer.text
    assert "**quorum**: none" in answer.text


async def test_a_new_results_channel_gets_the_webhook_and_the_old_one_loses_it(moot: Moot) -> None:
    await moot.setup()
    (first,) = moot.webhooks()
    hall = moot.server.add_channel("hall")
    await private(moot.owner.command("setup", in_=moot.square, results_channel=hall))
    assert first.channel is moot.results
    assert not moot.webhooks()
    assert len(hall.webhooks) == 1


@pytest.mark.parametrize("break_", [Faults.lose, Faults.mislead, Faults.refuse])
async def test_setup_again_leaves_one_webhook_when_making_it_got_no_answer(
    moot: Moot, break_: Break
) -> None:
    fault = break_(moot.discord.faults, "POST /channels/{channel}/webhooks")
    await moot.setup()
    assert "All set" in (await moot.setup()).text
    assert fault.over
    (webhook,) = moot.webhooks()
    await moot.opened(moot.member("Ann"))
    await moot.wait_for_deadline()
    (result,) = moot.owner.read(moot.results)
    assert result.webhook_id == webhook.id


async def test_setup_leaves_a_webhook_of_others_alone_even_if_it_is_named_alike(moot: Moot) -> None:
    theirs = moot.server.add_webhook(moot.results, "Folkmoot results")
    await moot.setup()
    mine = [each for each in moot.webhooks() if each is not theirs]
    assert len(mine) == 1
    assert theirs in moot.webhooks()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("voting_period", "30s", "isn't a length of time"),
        ("voting_period", "", "is empty"),
        ("voting_period", "0m", "voting_period must be from 1 minute to 90 days"),
        ("voting_delay", "91d", "voting_delay must be from 0 to 90 days"),
        ("quorum", -1, "quorum must be from 0 to 1,000,000"),
    ],
)
async def test_a_setting_out_of_bounds_changes_nothing(
    moot: Moot, option: str, value: object, sentence: str
) -> None:
    await moot.setup()
    answer = await private(
        moot.owner.command("setup", in_=moot.square, tamper=True, **{option: value})
    )
    assert sentence in answer.text
    report = await private(moot.owner.command("setup", in_=moot.square))
    assert "**voting_delay**: 1 day" in report.text
    assert "**voting_period**: 3 days" in report.text


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (Permission.CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (Permission.SEND_MESSAGES, "Send Messages"),
        (Permission.VIEW_CHANNEL, "View Channel"),
    ],
)
async def test_setup_says_which_permission_is_missing_where(
    moot: Moot, lacking: Permission, named: str
) -> None:
    moot.server.change_overwrites(moot.proposals, {moot.bot_role: (0, lacking)})
    answer = await moot.setup()
    assert f"<#{moot.proposals.id}>" in answer.text
    assert f"**{named}**" in answer.text
    assert "nothing has been changed" in answer.text
    assert not moot.webhooks()
    report = await private(moot.owner.command("setup", in_=moot.square))
    assert "not set" in report.text


async def test_setup_names_a_webhook_permission_that_is_missing(moot: Moot) -> None:
    moot.server.change_role(moot.bot_role, NEEDED & ~Permission.MANAGE_WEBHOOKS)
    answer = await moot.setup()
    assert f"<#{moot.results.id}>" in answer.text
    assert "**Manage Webhooks**" in answer.text


async def test_only_those_who_manage_the_server_set_it_up(moot: Moot) -> None:
    ann = moot.member("Ann")
    with pytest.raises(NotOffered):
        await ann.command("setup", in_=moot.square)
    answer = await private(ann.command("setup", in_=moot.square, quorum=1, tamper=True))
    assert "Manage Server" in answer.text
    report = await private(moot.owner.command("setup", in_=moot.square))
    assert "**quorum**: none" in report.text


async def test_setup_is_refused_in_a_direct_message(moot: Moot) -> None:
    with pytest.raises(NotOffered):
        await moot.owner.direct_command("setup", of=moot.application)
    answer = await moot.owner.direct_command("setup", of=moot.application, tamper=True)
    assert "in a server" in answer.text
