"""Berlin's advice: given by the account director before the letter, with the evidence of its day, and decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.demo import effects
from config.demo.ground import Ground
from config.demo.tables import people
from governance.models import Note, User
from offers.evidence import evidence
from offers.models import Advice, Offer, OfferVersion
from offers.models.advice import AdviceDecision

WHY = {
    "raised": "The candidate's other offer stands near the reference; at these terms we expect a no.",
    "refused": "Another employer is about to offer; these terms will not hold the candidate.",
}
ANSWER = {
    "raised": "Agreed: raise the base and send it today.",
    "refused": "The budget of this quarter is spent; offer as it is.",
}
HOLD = timedelta(hours=8)


@dataclass(frozen=True)
class Advised:
    """A closed offer that advice was given on: when its first version was submitted and when the answer came."""

    kind: str
    offer: Offer
    version: OfferVersion
    submitted: datetime
    decided: datetime


def insert(cases: list[Advised], ground: Ground) -> None:
    """The advice on these offers, which are in the database; the evidence is found as it was on its day."""
    director, partner = _person(ground, "account_director"), _person(ground, "hr_partner")
    for case in cases:
        given = case.submitted + (case.decided - case.submitted) / 4
        base = case.version.base_annual * (100 + effects.RAISED_PERCENT) / 100
        reason = Note.objects.create(client=ground.client, text=WHY[case.kind], author=director, created_at=given)
        answer = Note.objects.create(
            client=ground.client, text=ANSWER[case.kind], author=partner, created_at=case.decided
        )
        Advice.objects.create(
            client=ground.client, offer=case.offer, version=case.version, given_at=given, given_by=director,
            currency=case.version.currency, recommended_base=base, reason=reason,
            evidence=evidence(case.version, base=base, now=given), holds_until=given + HOLD,
            decision=AdviceDecision.ADJUSTED if case.kind == "raised" else AdviceDecision.REFUSED,
            decided_at=case.decided, decided_by=partner, decided_how=answer,
        )  # fmt: skip


def _person(ground: Ground, role: str) -> User:
    found = [each for each in people() if (each.client, each.role) == (ground.company.code, role)]
    near = [each for each in found if each.zone == "Europe/Berlin"]
    return ground.users[(near or found)[0].email]
