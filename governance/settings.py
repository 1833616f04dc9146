"""What a server's moderators set for the whole server."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from governance import options
from governance.options import DAY, MINUTE, About, Kind, Quorum
from governance.power import UNIT
from governance.rules import Rules

_LONGEST = DAY * 90
OF_SPACES = (
    "proposals_channel",
    "results_channel",
    "voting_role",
    "proposing_role",
    "guardian_role",
    "quorum",
    "voting_delay",
    "voting_period",
    "veto_window",
)
"""The settings that a space may set itself; the others are the server's alone."""
TYPES = "types"
"""What is reserved where spaces can't have types of proposals of their own."""
_RESERVABLE = {name: name for name in (*OF_SPACES, TYPES)}


@dataclass(frozen=True, slots=True)
class Settings:
    """A server's settings. One field here is all a new one needs:

    the option of `/setup`, its check, storage and display follow from the field.
    """

    proposals_channel: Annotated[
        int | None, About(Kind.CHANNEL, "Where proposals appear and are voted on", needed=True)
    ] = None
    results_channel: Annotated[
        int | None, About(Kind.CHANNEL, "Where results are announced", needed=True)
    ] = None
    voting_role: Annotated[
        int | None, About(Kind.ROLE, "Who may vote; choose @everyone to let every member vote")
    ] = None
    proposing_role: Annotated[
        int | None,
        About(Kind.ROLE, "Who may propose; choose @everyone to let every member propose"),
    ] = None
    guardian_role: Annotated[
        int | None,
        About(
            Kind.ROLE,
            "Who may cancel as moderators do; choose @everyone for moderators only",
            nobody="moderators only",
        ),
    ] = None
    moderators_channel: Annotated[
        int | None, About(Kind.CHANNEL, "Where moderators are told what needs them")
    ] = None
    topics: Annotated[
        tuple[str, ...],
        About(Kind.WORDS, "Topics of proposals, such as Treasury, Events, Rules; none for none"),
    ] = ()
    quorum: Annotated[
        int,
        About(
            Kind.COUNT,
            "Voters For or Abstain without whom no decision is made; 0 for none",
            0,
            10**6,
        ),
    ] = 0
    voting_delay: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Discussion before voting starts, such as 1d or 2h 30m",
            DAY * 0,
            _LONGEST,
        ),
    ] = DAY
    voting_period: Annotated[
        timedelta, About(Kind.DURATION, "How long voting lasts, such as 3d or 1m", MINUTE, _LONGEST)
    ] = DAY * 3

    veto_window: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time in which guardians may veto a decision of a space below theirs; 0 for none",
            DAY * 0,
            _LONGEST,
        ),
    ] = DAY * 0
    reserved: Annotated[
        tuple[str, ...],
        About(
            Kind.WORDS,
            "Settings that spaces can't set themselves, such as quorum, types; none for none",
            among=_RESERVABLE,
        ),
    ] = ()
    reputation_for_voting: Annotated[
        int,
        About(
            Kind.COUNT, "Points for each vote in which a member votes", 0, 1000, group="reputation"
        ),
    ] = 0
    reputation_for_success: Annotated[
        int,
        About(
            Kind.COUNT,
            "Points for the author of a proposal that passes",
            0,
            1000,
            group="reputation",
        ),
    ] = 0
    reputation_half_life: Annotated[
        timedelta,
        About(
            Kind.DURATION,
            "Time in which points lose half of their worth, such as 90d; 0 for never",
            DAY * 0,
            DAY * 3650,
            group="reputation",
        ),
    ] = DAY * 0

    @property
    def missing(self) -> list[str]:
        """Names of the settings without which nothing can be proposed."""
        return [
            name for name, about in ABOUT.items() if about.needed and getattr(self, name) is None
        ]

    def rules(self) -> Rules:
        """The rules of the server, which its types of proposals start from."""
        return Rules(
            quorum=Quorum(self.quorum * UNIT),
            voting_delay=self.voting_delay,
            voting_period=self.voting_period,
            voting_role=self.voting_role,
            proposing_role=self.proposing_role,
            guardian_role=self.guardian_role,
            veto_window=self.veto_window,
            reputation_half_life=self.reputation_half_life,
        )

    def with_changes(self, changes: dict[str, Any]) -> "Settings":
        """The settings with some changed; durations may be text. Refuses what is out of bounds."""
        return replace(
            self,
            **{name: options.checked(name, value, ABOUT[name]) for name, value in changes.items()},
        )

    def stored(self) -> dict[str, Any]:
        """As JSON can hold them."""
        return options.as_stored(self)

    @classmethod
    def from_stored(cls, values: dict[str, Any]) -> "Settings":
        """The inverse of `stored`; a setting that isn't there has its default."""
        return cls(**options.from_stored(values, ABOUT))


ABOUT = options.abouts(Settings)
"""What is to be known of each setting, by its name."""
