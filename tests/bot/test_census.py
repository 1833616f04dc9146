"""The size of the electorate, as Discord tells it."""

import pytest

from bot.census import Census
from governance.errors import Unavailable
from tests.moot import Moot


@pytest.fixture
def census(moot: Moot) -> Census:
    census = Census()
    census.client = moot.bot
    return census


async def test_it_counts_members_and_those_with_a_role(moot: Moot, census: Census) -> None:
    villager, elder = moot.server.add_role("Villager"), moot.server.add_role("Elder")
    moot.member("Ann", roles=[villager, elder])
    moot.member("Bea", roles=[villager])
    assert await census(moot.server.id, None) == 4  # the owner and the bot too
    assert await census(moot.server.id, villager.id) == 2
    assert await census(moot.server.id, elder.id) == 1
    assert await census(moot.server.id, 1) == 0


@pytest.mark.parametrize(
    "route", ["GET /guilds/{guild}", "GET /guilds/{guild}/roles/member-counts"]
)
async def test_what_discord_doesnt_tell_is_not_known(
    moot: Moot, census: Census, route: str
) -> None:
    role = moot.server.add_role("Villager").id if "roles" in route else None
    moot.discord.faults.fail(route, 403)
    with pytest.raises(Unavailable):
        await census(moot.server.id, role)


async def test_without_a_connection_it_is_not_known(moot: Moot, census: Census) -> None:
    role = moot.server.add_role("Villager").id
    async with moot.discord.faults.unreachable():
        for who in (None, role):
            with pytest.raises(Unavailable):
                await census(moot.server.id, who)
    with pytest.raises(Unavailable):
        await census(1, role)


async def test_it_tells_who_of_some_is_a_member_with_a_role(moot: Moot, census: Census) -> None:
    elder = moot.server.add_role("Elder")
    ann, bea, cay = moot.member("Ann", roles=[elder]), moot.member("Bea"), moot.member("Cay")
    cay.leave()
    asked = frozenset({ann.id, bea.id, cay.id})
    assert await census.present(moot.server.id, asked, None) == {ann.id, bea.id}
    assert await census.present(moot.server.id, asked, elder.id) == {ann.id}


@pytest.mark.parametrize("status", [403, 404])
async def test_a_failure_says_nothing_about_who_is_a_member(
    moot: Moot, census: Census, status: int
) -> None:
    ann = moot.member("Ann")
    moot.discord.faults.fail("GET /guilds/{guild}/members/{user}", status)
    with pytest.raises(Unavailable):
        await census.present(moot.server.id, frozenset({ann.id}), None)
