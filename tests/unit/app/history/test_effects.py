"""Effects as the database keeps them."""

from app.accounts.rules import HoldKind
from app.customers.rules import Verification
from app.history.effects import Hold, MarkNumber, effect_record


def test_an_effect_is_kept_as_plain_json() -> None:
    assert effect_record(Hold(HoldKind.PROOF_CHECK, days=2)) == {
        "do": "Hold",
        "kind": "PROOF_CHECK",
        "days": 2,
        "until": None,
    }
    assert type(effect_record(MarkNumber(Verification.INVALID))["state"]) is str
