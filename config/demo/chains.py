"""The approvals of closed offers: what the policy of the day asked, answered in time."""

from datetime import datetime
from typing import Any

from config.demo.rows import Past
from governance import ladder
from governance.access import Role
from governance.policy import Requirement
from governance.programme import Programme
from offers.models import Approval, ApprovalChain, Decision, OfferVersion
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.standing import Assessment


def approve(
    past: Past, version: OfferVersion, found: Assessment, start: datetime, end: datetime, because: str = ""
) -> None:
    """The chain that the policy asks of this version, approved step by step between the two instants."""
    steps = () if because else found.evaluation.steps
    asked = [step for step in steps if not step.given]
    ended = start + (end - start) * 0.9 if asked else start
    chain = past.add(
        ApprovalChain(
            offer=version.offer,
            version=version,
            policy_id=version.policy_id,
            status=ChainStatus.APPROVED,
            started_at=start,
            ended_at=ended,
            because=(because or found.evaluation.because)[:400],
        )
    )
    turns = sorted({step.step for step in asked})
    length = (ended - start) / (len(turns) or 1)
    for step in steps:
        if step.given:
            past.add(_approval(chain, step, ApprovalStatus.GIVEN, decided_at=start))
            continue
        at = start + length * turns.index(step.step)
        due = ladder.target(step.due_hours, version.offer.priority, at, found.programme.calendar).contractual_at
        done = ApprovalStatus.APPROVED
        approval = past.add(_approval(chain, step, done, asked_at=at, due_at=due, decided_at=at + length))
        user = _decider(approval, found.programme)
        verdict = Decision.Verdict.APPROVED
        past.add(Decision(approval=approval, user_id=user, verdict=verdict, decided_at=at + length))


def break_off(past: Past, version: OfferVersion, status: ChainStatus, start: datetime, end: datetime) -> None:
    """A chain that ended without an answer."""
    past.add(
        ApprovalChain(
            offer=version.offer,
            version=version,
            policy_id=version.policy_id,
            status=status,
            started_at=start,
            ended_at=end,
        )
    )


def _approval(chain: ApprovalChain, step: Requirement, status: ApprovalStatus, **instants: datetime) -> Approval:
    return Approval(
        offer=chain.offer,
        chain=chain,
        step=step.step,
        role=step.role,
        title=step.title,
        person_id=step.person,
        n=step.n,
        due_hours=step.due_hours,
        rules=[step.rule_id],
        reason=step.reason,
        status=status,
        **instants,
    )


def _decider(approval: Approval, programme: Programme) -> Any:
    """The offer's manager, or the holders of the role in turn."""
    if approval.role == Role.HIRING_MANAGER:
        return approval.offer.hiring_manager_id
    holders = programme.holders(approval.role, approval.title)
    return holders[(approval.pk or 0) % len(holders)]
