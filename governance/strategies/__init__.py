"""Power strategies by the name that moderators type, in the order of a menu."""

from collections.abc import Mapping

from governance.strategies import fixed_list, highest_role, member, reputation, role_sum
from governance.strategies.strategy import Part, Strategy

STRATEGIES: Mapping[str, Strategy] = {
    member.NAME: member,
    highest_role.NAME: highest_role,
    role_sum.NAME: role_sum,
    reputation.NAME: reputation,
    fixed_list.NAME: fixed_list,
}

ONE_EACH = (Part(member.NAME),)
"""One member, one vote."""
