"""The clock jumps both ways: a vote is counted or refused, never both, and nothing comes twice."""

import os
import random
from datetime import timedelta

from tests.moot import DAY, Moot, private
from tests.survival.ballots import Voter, check, everything_is_sent, stored

SEED = 5


def jump(moot: Moot, to: timedelta) -> None:
    """Set the governance clock to so much ahead of wall time, as an operator's mistake would."""
    file = os.open(moot.clock.path, os.O_WRONLY)
    os.pwrite(file, (to // timedelta(microseconds=1)).to_bytes(8, "little", signed=True), 0)
    os.close(file)


async def test_a_jumping_clock_announces_nothing_twice_and_loses_no_vote(
    ready: Moot, database_url: str
) -> None:
    voters = [Voter(ready.member(f"Voter {number}")) for number in range(12)]
    card = await ready.opened(voters[0].person)
    opened = ready.clock.offset
    jumps = random.Random(SEED)
    for voter in voters:
        jump(ready, opened + jumps.choice((-2 * DAY, -DAY / 2, 0 * DAY, DAY, 2 * DAY)))
        receipt = await private(voter.person.press_custom_id(card, "fm1:vote:1:1"))
        voter.certain = "☑️" in receipt.text
        voter.possible = {1} if voter.certain else {None}
    check(voters, await stored(database_url))
    jump(ready, opened + 4 * DAY)
    await ready.owner.sees(ready.results, "#1 ")
    jump(ready, opened)  # back to before the deadline
    late = await private(voters[0].person.press_custom_id(card, "fm1:vote:1:2"))
    assert "☑️" not in late.text
    jump(ready, opened + 5 * DAY)
    await everything_is_sent(database_url)
    check(voters, await stored(database_url))
    texts = [message.text for message in ready.owner.read(ready.thread(card))]
    assert [text for text in texts if "is open until" in text] == texts[1:2]
    (result,) = ready.owner.read(ready.results)
    assert f"{sum(voter.certain for voter in voters)} voters" in result.text
