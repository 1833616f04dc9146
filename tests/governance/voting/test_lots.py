"""The lot: an order of choices that follows from a published seed alone."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from governance.voting.lots import lot


def test_anybody_can_work_out_the_lot_from_the_seed() -> None:
    seed = bytes(range(32))
    digests = {
        choice: sha256(seed + bytes([0, 0, 0, choice])).hexdigest() for choice in range(1, 6)
    }
    assert lot(seed, 5) == tuple(sorted(digests, key=lambda choice: digests[choice]))
    assert lot(seed, 5) == (1, 5, 2, 4, 3)


def test_a_number_above_a_byte_is_written_big_endian() -> None:
    seed = b"well"
    first = min(range(1, 301), key=lambda n: sha256(seed + n.to_bytes(4, "big")).digest())
    assert lot(seed, 300)[0] == first


@given(st.binary(min_size=32, max_size=32), st.integers(0, 30))
def test_every_choice_is_in_the_lot_once(seed: bytes, choices: int) -> None:
    assert sorted(lot(seed, choices)) == list(range(1, choices + 1))


def test_another_seed_gives_another_lot() -> None:
    assert len({lot(bytes([number]), 25) for number in range(50)}) == 50
