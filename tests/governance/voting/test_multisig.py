"""Multisig: passes the moment enough signers have approved, whatever power they hold."""

import pytest

from governance.voting import multisig
from governance.voting.system import Outcome, Reason, Terms

TWO_OF_THREE = Terms(multisig.CHOICES, signatures=2, signers=3)


@pytest.mark.parametrize(
    ("approved", "rejected", "succeeded", "reason"),
    [
        (0, 0, False, Reason.NOT_SIGNED),
        (1, 0, False, Reason.NOT_SIGNED),
        (1, 1, False, Reason.NOT_SIGNED),
        (2, 0, True, Reason.SIGNED),
        (2, 1, True, Reason.SIGNED),
        (3, 0, True, Reason.SIGNED),
        (0, 2, False, Reason.REJECTED),
        (1, 2, False, Reason.REJECTED),
    ],
)
def test_two_of_three_signers_approve_and_two_defeat(
    approved: int, rejected: int, succeeded: bool, reason: Reason
) -> None:
    cast = [(multisig.APPROVE, 7, approved), (multisig.REJECT, 10**30, rejected)]
    count = multisig.count(cast, TWO_OF_THREE)
    assert count.scores == {multisig.APPROVE: approved, multisig.REJECT: rejected}
    assert multisig.decide(count, 0, TWO_OF_THREE) == Outcome(succeeded, reason)


@pytest.mark.parametrize(("signatures", "defeat"), [(1, 5), (3, 3), (5, 1)])
def test_it_is_defeated_once_too_few_are_left_to_approve(signatures: int, defeat: int) -> None:
    terms = Terms(multisig.CHOICES, signatures=signatures, signers=5)
    for rejected, over in ((defeat - 1, False), (defeat, True)):
        count = multisig.count([(multisig.REJECT, 1, rejected)], terms)
        assert (multisig.decide(count, 0, terms).reason is Reason.REJECTED) is over


def test_a_removed_signer_no_longer_counts() -> None:
    current = [(multisig.APPROVE, 1, 1)]
    removed = [(multisig.APPROVE, 1, 1)]
    for cast, signed in ((current + removed, True), (current, False)):
        count = multisig.count(cast, TWO_OF_THREE)
        assert multisig.decide(count, 0, TWO_OF_THREE).succeeded is signed


def test_quorum_does_not_apply() -> None:
    count = multisig.count([(multisig.APPROVE, 1, 2)], TWO_OF_THREE)
    assert multisig.decide(count, 100, TWO_OF_THREE).succeeded


def test_nothing_passes_without_a_signature() -> None:
    terms = Terms(multisig.CHOICES)
    assert not multisig.decide(multisig.count([], terms), 0, terms).succeeded
