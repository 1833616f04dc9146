"""Permissions add up as Discord documents it."""

from sandbox.discord.permissions import (
    ALL,
    EVERYONE_BY_DEFAULT,
    Overwrite,
    Permission,
    base_permissions,
    channel_permissions,
)

P = Permission
TALKS = int(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS | P.EMBED_LINKS)


def in_channel(
    base: int = TALKS,
    everyone: Overwrite | None = None,
    roles: tuple[Overwrite, ...] = (),
    member: Overwrite | None = None,
    *,
    thread: bool = False,
) -> int:
    return channel_permissions(base, everyone, roles, member, thread=thread)


def test_everyone_may_ping_everyone_in_a_new_server() -> None:
    assert EVERYONE_BY_DEFAULT & P.MENTION_EVERYONE
    assert not EVERYONE_BY_DEFAULT & P.MANAGE_MESSAGES


def test_roles_add_to_everyone() -> None:
    assert base_permissions(1, [2, 4], owner=False) == 7


def test_the_owner_may_do_everything() -> None:
    assert base_permissions(0, [], owner=True) == ALL


def test_an_administrator_may_do_everything_whatever_the_channel_says() -> None:
    assert base_permissions(0, [P.ADMINISTRATOR], owner=False) == ALL
    assert in_channel(ALL, everyone=Overwrite(0, P.VIEW_CHANNEL)) == ALL


def test_a_channel_denies_everyone_and_allows_a_role_again() -> None:
    denied = Overwrite(0, P.SEND_MESSAGES)
    allowed = Overwrite(P.SEND_MESSAGES, 0)
    assert not in_channel(everyone=denied) & P.SEND_MESSAGES
    assert in_channel(everyone=denied, roles=(allowed,)) & P.SEND_MESSAGES


def test_among_roles_allowing_wins_over_denying() -> None:
    roles = (Overwrite(0, P.SEND_MESSAGES), Overwrite(P.SEND_MESSAGES, 0))
    assert in_channel(roles=roles) & P.SEND_MESSAGES


def test_the_members_own_overwrite_has_the_last_word() -> None:
    allowed, denied = Overwrite(P.SEND_MESSAGES, 0), Overwrite(0, P.SEND_MESSAGES)
    assert not in_channel(roles=(allowed,), member=denied) & P.SEND_MESSAGES


def test_without_seeing_the_channel_nothing_else_counts() -> None:
    assert in_channel(everyone=Overwrite(0, P.VIEW_CHANNEL)) == 0


def test_without_sending_nothing_can_be_embedded_or_pinged() -> None:
    silent = in_channel(TALKS | P.MENTION_EVERYONE, everyone=Overwrite(0, P.SEND_MESSAGES))
    assert not silent & (P.EMBED_LINKS | P.MENTION_EVERYONE)


def test_in_a_thread_sending_is_another_permission() -> None:
    no_threads = Overwrite(0, P.SEND_MESSAGES_IN_THREADS)
    only_threads = Overwrite(0, P.SEND_MESSAGES)
    assert not in_channel(everyone=no_threads, thread=True) & P.EMBED_LINKS
    assert in_channel(everyone=only_threads, thread=True) & P.EMBED_LINKS
