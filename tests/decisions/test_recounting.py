"""Anybody recounts a vote from the file that the bot gives out."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.config import PREFIX
from cogs import answers
from governance.ballot import RECUSED
from governance.counts import choice_from_json
from governance.power import UNIT
from governance.result import SHOWN_DIGITS
from governance.result_reading import read
from governance.result_recount import verified
from governance.voting import SYSTEMS
from governance.voting.shapes import parsed
from sandbox.bot_process import CHECKOUT
from tests.moot import Moot, private
from tests.survival.routes import ANSWER


async def test_a_member_exports_a_result_and_recounts_it(ready: Moot, tmp_path: Path) -> None:
    ann, ben = ready.member("Ann"), ready.member("Ben")
    card = await ready.opened(ann)
    await private(ann.press(card, "For"))
    early = await private(ben.command("proposal export", in_=ready.square, proposal="1"))
    assert "isn't over" in early.text
    await ready.wait_for_deadline()
    answer = await private(ben.command("proposal export", in_=ready.square, proposal="1"))
    (attachment,) = answer.attachments
    content = attachment.content
    file = read(content)
    assert verified(file).problems == ()
    assert file["fingerprint"][:16] in answer.text
    # An operator's export is the same, to the byte.
    target = tmp_path / "operators.json"
    (tmp_path / "config.toml").write_text("")
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--config", str(tmp_path / "config.toml"), "export"),
        *(str(ready.server.id), "1", "--output", str(target)),
        cwd=CHECKOUT,
        env=others | {"FOLKMOOT_DATABASE": ready.configuration.database},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
    assert file["fingerprint"] in told.decode()
    assert target.read_bytes() == content


VOTES: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "basic": ({}, ["For", "For", "Against", "Abstain", "Recuse"], "more votes For"),
    "single_choice": ({}, ["Elm", "2", "Oak", "Ash", "elm"], "**Elm** wins"),
    "approval": ({"winners": 2}, ["1,2", "2", "none", "Oak, Elm", "3"], "**Elm** and **Oak** win"),
    "ranked_choice": ({}, ["1>2>3", "2>1", "2>1>3", "3>1", "1"], "**Oak** wins"),
    "condorcet": ({}, ["1>2=3", "1>3", "2>1", "3>1>2", "Oak"], "**Oak** wins"),
    "copeland": ({}, ["1>2>3", "1>3>2", "2>1>3", "2>3>1", "Recuse"], "tie"),
    "weighted": ({}, ["1:1 2:3", "Elm:1", "1:2, 3:2", "2:5", "Recuse"], "**Elm** wins"),
    "quadratic": ({"credits": 9}, ["1:3", "1:2 2:2", "2:3", "3:1", "2:1"], "**Elm** wins"),
    "quadratic_funding": ({}, ["1:1", "2:1", "2:1", "2:1 1:1", "3:7"], "**Elm** wins"),
    "multisig": ({"signatures": 4}, ["Approve"] * 3 + ["Reject", "Approve"], "signer"),
}


@pytest.mark.parametrize("system", VOTES)
async def test_what_is_cast_counted_exported_and_recounted_is_the_same(
    ready: Moot, system: str
) -> None:
    rules, lines, result = VOTES[system]
    voters = [ready.member(f"Voter {number}") for number in range(len(lines))]
    if system == "multisig":
        rules = {**rules, "signers": " ".join(f"<@{voter.id}>" for voter in voters)}
    await ready.type("Trial", system=system, **rules)
    own = SYSTEMS[system].CHOICES
    card = await ready.opened(voters[0], type="Trial", choices=() if own else ("Oak", "Elm", "Ash"))
    for voter, line in zip(voters, lines, strict=True):
        asked = {"proposal": "1", "choice": line}
        receipt = await private(voter.command("vote", in_=ready.square, **asked))
        assert "☑️" in receipt.text, receipt.text
    announced = await ready.wait_for_deadline()
    assert result in announced.text
    await voters[0].sees(ready.proposals, result)
    answer = await private(voters[0].command("proposal export", in_=ready.square, proposal="1"))
    file = read(answer.attachments[0].content)
    report = verified(file)
    assert report.problems == (), report.problems
    assert file["fingerprint"][:SHOWN_DIGITS] in announced.text
    cast = [
        (choice_from_json(choice), int(power), times)
        for choice, power, times in file["ballots"]
        if choice != RECUSED
    ]
    proposal = await ready.bot.services.proposals.find(ready.server.id, "1", voters[0].id)
    terms = proposal.terms
    typed = [
        (proposal.system.check(parsed(proposal.system.SHAPE, line, terms), UNIT, terms), UNIT, 1)
        for line in lines
        if line != "Recuse"
    ]
    assert proposal.count == proposal.system.count(cast, terms)
    assert proposal.count == proposal.system.count(typed, terms)
    assert card.buttons == []


async def test_what_a_delegate_carried_is_recounted_from_the_file(ready: Moot) -> None:
    ann, ben, cleo, dan = (ready.member(name) for name in ("Ann", "Ben", "Cleo", "Dan"))
    for giver, taker in ((ann, ben), (cleo, ben), (dan, cleo)):
        to = {"member": taker}
        answer = await private(giver.command("delegate to", in_=ready.square, **to))
        assert "votes for you" in answer.text, answer.text
    card = await ready.opened(ann)
    await private(ben.press(card, "For"))
    await private(cleo.press(card, "Against"))
    await ready.wait_for_deadline()
    answer = await private(dan.command("proposal export", in_=ready.square, proposal="1"))
    file = read(answer.attachments[0].content)
    report = verified(file)
    assert report.problems == ()
    assert file["ballots"] == [[1, str(2 * UNIT), 1], [2, str(2 * UNIT), 1]]
    assert "  members who voted themselves: 1" in report.lines
    assert "  members for whom another voted: 2 (power 2)" in report.lines
    told = answer.attachments[0].content.decode()
    assert not [who.name for who in (ben, cleo, dan) if str(who.id) in told]
    file["ballots"][0][1] = str(3 * UNIT)
    assert any(problem.startswith("delegations.") for problem in verified(file).problems)


async def test_a_file_arrives_whole_however_long_it_takes_and_whatever_is_lost(
    ready: Moot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    await ready.wait_for_deadline()
    direct = await private(ann.command("proposal export", in_=ready.square, proposal="1"))
    ready.discord.faults.refuse(ANSWER)
    again = await private(ann.command("proposal export", in_=ready.square, proposal="1"))
    monkeypatch.setattr(answers, "DIRECT_SECONDS", 0.0)
    late = await private(ann.command("proposal export", in_=ready.square, proposal="1"))
    exported = [answer.attachments[0].content for answer in (direct, again, late)]
    assert read(exported[0])
    assert exported == exported[:1] * 3


async def test_what_discord_would_not_take_is_refused_with_another_way(
    ready: Moot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = ready.member("Ann")
    await ready.opened(ann)
    await ready.wait_for_deadline()
    monkeypatch.setattr("cogs.export.written", lambda file: " " * 2**27)
    answer = await private(ann.command("proposal export", in_=ready.square, proposal="1"))
    assert f"python -m bot export {ready.server.id} 1" in answer.text
    assert not answer.attachments
