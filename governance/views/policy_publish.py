"""Publishing a draft: what it changes, what speaks against it; and any two versions side by side."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.builder import drafts
from governance.builder.differences import compare as lines_of
from governance.builder.differences import differences
from governance.builder.drafts import PolicyError
from governance.models import ApprovalPolicy
from governance.programme import load
from governance.scoping import key_of
from governance.views.frame import find_policy, portal, show, versions_of
from governance.views.policies import state_of, trial_url
from governance.views.policy_parts import find_draft

KINDS = {
    "added": ("ok", "Added"),
    "removed": ("bad", "Removed"),
    "changed": ("warn", "Changed"),
    "moved": ("info", "Moved"),
    "same": ("quiet", "Same"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def publish(request: Any, pk: int) -> HttpResponse:
    """GET shows what would change and what speaks against it; POST publishes what was shown."""
    policy = find_draft(request, pk)
    if policy is None:
        return redirect("policies:policy", pk)
    status = 200
    if request.method == "POST":
        try:
            _publish(request, policy)
        except PolicyError as error:
            messages.error(request, f"{error.message} {error.next_step}")
            status = 409
        else:
            messages.success(request, f"{policy} rules every offer that is submitted from now on.")
            return redirect("policies:policy", pk)
    programme, names = load(policy.client_id), drafts.people_of(policy.client_id)
    force = programme.policy
    changes = differences(force.document if force else {}, policy.document, names)
    return show(
        request,
        "policy_publish",
        f"Publish {policy}?",
        status,
        policy=policy,
        force=ApprovalPolicy.objects.filter(pk=force.id).first() if force else None,
        changes=[(KINDS[change.kind], change) for change in changes],
        verdict=drafts.verdict_of(policy, programme, names),
        seen=drafts.mark(policy.document),
        trial_url=trial_url(policy),
    )


def _publish(request: Any, policy: ApprovalPolicy) -> None:
    drafts.publish(
        policy,
        seen=request.POST.get("seen", ""),
        against=key_of(request.POST.get("against", "")) or None,
        confirmed=request.POST.get("confirm") == "on",
        actor=request.user,
        now=timezone.now(),
    )


@require_http_methods(["GET", "HEAD"])
@portal
def compare(request: Any, pk: int) -> HttpResponse:
    """Two versions of one client side by side: this one, and the one named by ?with= (else the one in force)."""
    policy = find_policy(request, pk)
    versions = versions_of(policy, request)
    programme = load(policy.client_id)
    force = programme.policy.id if programme.policy else None
    others = [each for each in versions if each.pk != policy.pk]
    wanted = key_of(request.GET.get("with", "")) or force
    other = next((each for each in others if each.pk == wanted), others[0] if others else None)
    names = drafts.people_of(policy.client_id)
    lines = lines_of(other.document, policy.document, names) if other else []
    return show(
        request,
        "policy_compare",
        "Compare versions",
        policy=policy,
        other=other,
        state=state_of(policy, force),
        other_state=state_of(other, force) if other else None,
        others=[(each, state_of(each, force)[1]) for each in others],
        lines=[(KINDS[line.kind], line) for line in lines],
        count=sum(line.kind != "same" for line in lines),
    )
