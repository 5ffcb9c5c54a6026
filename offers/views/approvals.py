"""Approvals as steps: who is asked and why, who decided and what they wrote."""

from typing import Any

from django.db.models import Prefetch

from offers.models import Approval, ApprovalChain, Decision, Offer
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.presentation import Voice, span

STATE = {
    ApprovalStatus.GIVEN: "done",
    ApprovalStatus.KEPT: "done",
    ApprovalStatus.APPROVED: "done",
    ApprovalStatus.SKIPPED: "done",
    ApprovalStatus.ASKED: "waiting",
    ApprovalStatus.REJECTED: "refused",
    ApprovalStatus.RETURNED: "refused",
    ApprovalStatus.WAITING: "next",
    ApprovalStatus.VOID: "next",
}


def newest_chain(offer: Offer) -> ApprovalChain | None:
    """The chain that runs or ran last, with its approvals and their decisions. Three queries."""
    decided = Decision.objects.select_related("user", "on_behalf_of", "note").order_by("decided_at")
    approvals = Approval.objects.select_related("person").prefetch_related(Prefetch("decisions", decided))
    return (
        ApprovalChain.objects.filter(offer=offer)
        .select_related("policy", "version")
        .prefetch_related(Prefetch("approvals", approvals.order_by("step", "pk")))
        .first()
    )


def steps(chain: ApprovalChain, offer: Offer, voice: Voice) -> list[dict[str, Any]]:
    """The context of templates/partials/steps.html, the letter as its last step."""
    found = [_step(approval, voice) for approval in chain.approvals.all()]
    if chain.because and chain.status == ChainStatus.APPROVED:
        who, _, rule = chain.because.partition("”:")[0].partition(", ")
        found.append({"state": "done", "who": who, "detail": f"{rule}”" if rule else "", **_at(chain.ended_at, voice)})
    return [*found, _letter(chain, offer, voice)]


def _step(approval: Approval, voice: Voice) -> dict[str, Any]:
    decisions = list(approval.decisions.all())
    step: dict[str, Any] = {
        "state": STATE[ApprovalStatus(approval.status)],
        "who": _whom(approval),
        "detail": approval.reason,
        "quote": " / ".join(decision.note.text for decision in decisions if decision.note),
    }
    if decisions:
        step["detail"] = ", ".join(_who(decision) for decision in decisions)
    if approval.status == ApprovalStatus.KEPT:
        step["detail"] = approval.kept_why
    elif approval.n > 1:
        yes = sum(decision.verdict == Decision.Verdict.APPROVED for decision in decisions)
        step["detail"] += f" ({yes} of {approval.n} approvals)"
    if approval.status == ApprovalStatus.ASKED:
        if approval.alarm:
            step["detail"] = f"Too few are there to decide this; the escalation owner was told. {step['detail']}"
        return step | {"at": _waits(approval, voice)}
    if approval.decided_at:
        return step | _at(approval.decided_at, voice)
    return step | {"at": "not needed" if approval.status == ApprovalStatus.VOID else "next"}


def _whom(approval: Approval) -> str:
    role = approval.title or approval.get_role_display()
    return f"{role}, {approval.person}" if role and approval.person else approval.asks


def _who(decision: Decision) -> str:
    behalf = f" on behalf of {decision.on_behalf_of}" if decision.on_behalf_of else ""
    return f"{decision.get_verdict_display()} by {decision.user}{behalf}"


def _waits(approval: Approval, voice: Voice) -> str:
    if approval.due_at and approval.due_at <= voice.now:
        return f"late by {span(voice.now - approval.due_at)}"
    return f"waiting {span(voice.now - approval.asked_at)}" if approval.asked_at else "waiting"


def _letter(chain: ApprovalChain, offer: Offer, voice: Voice) -> dict[str, Any]:
    letter = offer.letter
    if letter and letter.version_id == chain.version_id:
        return {"state": "done", "who": "Letter", "detail": "reached the candidate", **_at(letter.extended_at, voice)}
    if chain.status == ChainStatus.APPROVED:
        return {"state": "waiting", "who": "Letter", "detail": "the recruiter sends it", "at": "to be sent"}
    return {"state": "next", "who": "Letter", "detail": "once every approval holds", "at": ""}


def _at(instant: Any, voice: Voice) -> dict[str, str]:
    if instant is None:
        return {"at": ""}
    moment = voice.moment(instant)
    return {"at": moment.text, "at_exact": moment.exact, "iso": moment.iso}
