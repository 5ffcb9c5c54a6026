"""Tokens: one person at one client, shown once, ended at once."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from governance import tokens
from governance.access import Role
from governance.clients import ClientError
from governance.models import ApiToken, Membership
from governance.tenancy import scope
from tests import factories
from tests.program import error


@pytest.fixture
def partner(member):
    return member(Role.HR_PARTNER)


def issue(user, client, access="read", **given):
    return tokens.issue(email=user.email, client=client, access=access, **{"now": factories.NOW, **given})[1]


def run(*arguments):
    out = io.StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_token_that_works_and_keeps_none(partner, client_a):
    text = run(partner.email.upper(), "--client", "northbridge", "--scope", "write")
    found = tokens.find(text, now=factories.NOW)
    assert (found.user, found.client_id, found.scope) == (partner, client_a.pk, "write")
    with scope([client_a.pk]):
        kept = ApiToken.objects.values().get()
    assert text not in json.dumps(kept, default=str)
    assert text.split("_", 2)[2][4:] not in json.dumps(kept, default=str)


def test_the_command_answers_in_json(partner):
    found = json.loads(run(partner.email, "--client", "northbridge", "--scope", "read", "--json"))
    assert found.pop("token").startswith("hof_")
    assert datetime.fromisoformat(found.pop("expires_at")) > timezone.now() + timedelta(days=364)
    assert found == {"email": partner.email, "client": "northbridge", "scope": "read"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody@example.org", "--client", "northbridge", "--scope", "read"],
        ["them", "--client", "nowhere", "--scope", "read"],
        ["them", "--client", "corvane", "--scope", "read"],
        ["them", "--client", "northbridge", "--scope", "read", "--days", "0"],
        ["them", "--client", "northbridge", "--scope", "read", "--days", "731"],
    ],
)
def test_a_token_for_no_member_or_no_client_or_for_ever_is_wrong_usage(partner, client_b, arguments):
    with pytest.raises(CommandError) as error:
        run(*[partner.email if each == "them" else each for each in arguments])
    assert error.value.returncode == 2


def test_a_person_who_was_switched_off_gets_no_token(member, client_a):
    with pytest.raises(ClientError, match="no active member"):
        issue(member(Role.RECRUITER, is_active=False), client_a)


def test_a_token_is_bound_to_its_client(partner, client_a, client_b):
    factories.MembershipFactory(user=partner, client=client_b, role=Role.AUDITOR)
    found = tokens.find(issue(partner, client_a), now=factories.NOW)
    assert found.user.roles == {client_a.pk: {Role.HR_PARTNER}}


def test_a_token_that_names_another_client_is_no_token(partner, client_a, client_b):
    _, _, secret = issue(partner, client_a).split("_", 2)
    assert tokens.find(f"hof_{client_b.pk}_{secret}", now=factories.NOW) is None


@pytest.mark.parametrize("text", ["", "hof_1_x", "hof__" + "a" * 43, "hof_0_" + "a" * 43, "hof_1_" + "ä" * 43])
def test_what_is_no_token_is_none(db, text):
    assert tokens.find(text, now=factories.NOW) is None


def test_a_token_ends_when_it_is_revoked(partner, client_a, scoped):
    text = issue(partner, client_a)
    assert tokens.revoke([ApiToken.objects.get().pk], actor=partner, now=factories.NOW) == 1
    assert tokens.find(text, now=factories.NOW) is None
    assert tokens.revoke([ApiToken.objects.get().pk], actor=partner, now=factories.NOW) == 0


@pytest.mark.parametrize("ends", ["membership", "person"])
def test_a_token_ends_with_the_role_and_with_the_person(partner, client_a, ends):
    text = issue(partner, client_a)
    if ends == "person":
        partner.is_active = False
        partner.save()
    else:
        with scope([client_a.pk]):
            Membership.objects.filter(user=partner).update(is_active=False)
    assert tokens.find(text, now=factories.NOW) is None


def test_the_last_use_is_kept_to_the_minute(partner, client_a, scoped):
    text = issue(partner, client_a)
    for seconds in (0, 30, 61):
        tokens.find(text, now=factories.NOW + timedelta(seconds=seconds))
    assert ApiToken.objects.get().last_used_at == factories.NOW + timedelta(seconds=61)


def test_a_token_is_good_for_its_days_and_no_longer(partner, client_a):
    text = issue(partner, client_a, days=30)
    assert tokens.find(text, now=factories.NOW + timedelta(days=30, seconds=-1))
    with pytest.raises(tokens.Expired):
        tokens.find(text, now=factories.NOW + timedelta(days=30))


def test_a_program_whose_token_has_expired_is_told_since_when_and_what_to_do(client, partner, client_a):
    over = timezone.now() - timedelta(days=1)
    text = issue(partner, client_a, days=1, now=over - timedelta(days=1))
    answer = client.get("/api/v1/bands", headers={"Authorization": f"Bearer {text}"})
    said = error(answer)
    assert (answer.status_code, said["code"]) == (401, "token_expired")
    assert f"{over:%d %B %Y}" in said["message"]
    assert "the command `token`" in said["next_step"]


def test_a_revoked_token_that_is_old_as_well_tells_nothing_of_itself(partner, client_a, scoped):
    text = issue(partner, client_a, days=1)
    tokens.revoke([ApiToken.objects.get().pk], actor=partner, now=factories.NOW)
    assert tokens.find(text, now=factories.NOW + timedelta(days=2)) is None


def test_the_list_says_what_has_expired_and_what_soon_will(member, partner, client_a, scoped, browser_client):
    now = timezone.now()
    for days, begun in ((1, 2), (10, 0), (100, 0)):
        issue(partner, client_a, days=days, now=now - timedelta(days=begun))
    page = browser_client(member(Role.ADMINISTRATOR)).get(reverse("admin:governance_apitoken_changelist"))
    words = page.content.decode()
    assert [words.count(f">{state}</span>") for state in ("Expired", "Expires soon", "Active")] == [1, 1, 1]


def test_an_administrator_revokes_tokens_from_the_list(member, partner, client_a, scoped, browser_client):
    text = issue(partner, client_a)
    token = ApiToken.objects.get()
    administrator = browser_client(member(Role.ADMINISTRATOR))
    path = reverse("admin:governance_apitoken_changelist")
    assert token.hint in administrator.get(path).content.decode()
    administrator.post(path, {"action": "revoke", "_selected_action": [token.pk]})
    assert tokens.find(text, now=factories.NOW) is None


def test_an_auditor_reads_the_list_and_revokes_nothing(member, partner, client_a, scoped, browser_client):
    text = issue(partner, client_a)
    auditor = browser_client(member(Role.AUDITOR))
    path = reverse("admin:governance_apitoken_changelist")
    assert auditor.get(path).status_code == 200
    auditor.post(path, {"action": "revoke", "_selected_action": [ApiToken.objects.get().pk]})
    assert tokens.find(text, now=factories.NOW) is not None
