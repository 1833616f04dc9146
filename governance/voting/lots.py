"""The lot: an order of choices that nobody can steer."""

from hashlib import sha256


def lot(seed: bytes, choices: int) -> tuple[int, ...]:
    """All choices by ascending SHA-256 of `seed` followed by the choice as 4 bytes, big-endian.

    The seed is drawn and published when voting opens.
    """
    return tuple(
        sorted(
            range(1, choices + 1),
            key=lambda choice: sha256(seed + choice.to_bytes(4, "big")).digest(),
        )
    )
