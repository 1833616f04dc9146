"""One decision, from the proposal to the announced result."""

from tests.moot import Moot, private


async def test_a_proposal_is_made_voted_on_and_decided(ready: Moot) -> None:
    ann, ben, cleo = ready.member("Ann"), ready.member("Ben"), ready.member("Cleo")
    card = await ready.opened(ann, "Mend the well", body="It has been dry since May.")
    await private(ann.press(card, "For"))
    await private(ben.press(card, "For"))
    receipt = await private(cleo.command("vote", in_=ready.square, proposal="1", choice="Against"))
    assert "Against" in receipt.text
    result = await ready.wait_for_deadline()
    assert "succeeded" in result.text
    assert "3 voters" in result.text
