"""Erasing a person: nothing personal remains, and the history of their offers still verifies."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from analytics.facts import refresh
from analytics.models import Freshness, OfferFact
from governance.access import Role
from governance.models import Note, Person
from governance.sealing import seal
from governance.verification import verify
from offers import workflow
from offers.erasure import erase
from offers.errors import NotInThisState, NotYours
from offers.models import Candidate, Decision, Loss, Offer
from tests import factories
from tests.offers.screen import Screen, text

PARTNER = Role.HR_PARTNER


@pytest.fixture
def lost(desk):
    """An offer that was rejected, recalled and declined, each with words that somebody wrote."""
    offer = desk.do("reject", desk.do("submit", desk.draft("94000")), by=Role.ACCOUNT_DIRECTOR, comment="Ask Tom.")
    offer = desk.do("recall", desk.do("submit", offer), reason="Tom has called.")
    offer = desk.do("decline", desk.tell(offer, note="Tom thinks about it."), verbatim="My wife is against it.")
    Person.objects.filter(pk=offer.candidate.person_id).update(name="Tom Marsh", email="tom@example.org")
    return offer


def test_nothing_that_was_written_about_a_person_remains(desk, lost):
    other = factories.NoteFactory(client=desk.client)
    assert erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now) == 4
    assert list(Note.objects.all()) == [other]
    assert not Person.objects.exists()
    candidate = Candidate.objects.get(pk=lost.candidate_id)
    assert candidate.display_name == str(candidate)


def holding(word):
    """The tables in which the word stands anywhere, in a row or in its history."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall()]
        parts = [f"SELECT '{name}' FROM \"{name}\" r WHERE r::text ILIKE %(like)s" for name in tables]
        cursor.execute(" UNION ".join(parts), {"like": f"%{word}%"})
        return {name for (name,) in cursor.fetchall()}


def test_no_table_holds_a_word_of_it_any_more_and_no_history_ever_did(desk, lost, as_owner):
    """Every table is read, so that the next column of free text is found too."""
    desk.do("explain", lost, theme="personal", reason="Tom's wife", verbatim="She said so to Tom.")
    Offer.objects.filter(pk=lost.pk).update(left_words="Tom was ill", satisfaction=3)
    with as_owner():
        assert holding("tom") == {"governance_note", "governance_person", "offers_loss", "offers_offer"}
    erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    with as_owner():
        assert holding("tom") == set()


def test_what_was_decided_remains_with_who_and_when(desk, lost):
    before = list(Decision.objects.values_list("user", "verdict", "decided_at")), Loss.objects.get().theme
    erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    assert (list(Decision.objects.values_list("user", "verdict", "decided_at")), Loss.objects.get().theme) == before


def test_history_says_who_erased_and_still_verifies(desk, lost):
    seal(now=desk.now)
    erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    assert seal(now=desk.later(minutes=1))
    event = Candidate.pgh_event_model.objects.filter(pgh_obj_id=lost.candidate_id).latest("pgh_id")
    assert (event.person_id, event.pgh_context["action"]) == (None, "candidate.erase")
    assert event.pgh_context["actor"] == desk.people[PARTNER].pk
    assert verify().first_bad is None


def test_only_an_hr_partner_erases_and_nobody_while_an_offer_is_open(desk, lost):
    with pytest.raises(NotYours):
        erase(lost.candidate_id, actor=desk.people[Role.RECRUITER], now=desk.now)
    again = workflow.reopen(lost.pk, actor=desk.people[Role.RECRUITER], now=desk.now)
    with pytest.raises(NotInThisState, match=f"{again} is still open"):
        erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    assert Person.objects.exists()


def test_somebody_who_comes_back_is_named_by_hand(desk, lost):
    erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    path, reference = reverse("admin:offers_candidate_change", args=[lost.candidate_id]), lost.candidate.external_id
    page = Screen(desk, PARTNER).post(path, external_id=reference, name="Tom Marsh", email="", phone="")
    assert page.status_code == 302
    candidate = Candidate.objects.get(pk=lost.candidate_id)
    assert (candidate.person.name, candidate.erased_at) == ("Tom Marsh", None)


def test_the_page_of_their_offer_opens_without_a_name(desk, lost):
    screen = Screen(desk, PARTNER)
    desk.do("explain", lost, theme="personal", reason="Tom would not move")
    assert "Personal, Tom would not move" in screen.offer(lost)
    erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
    page = screen.offer(lost)
    assert "Tom" not in page
    assert f"Candidate {Candidate.objects.get(pk=lost.candidate_id).external_id}" in page


def test_what_was_counted_stays_counted(desk, lost):
    """That a reason was captured is no personal data, and a report of the past says the same after as before."""
    desk.do("explain", lost, theme="personal", reason="Tom would not move")
    for erased in (False, True):
        if erased:
            erase(lost.candidate_id, actor=desk.people[PARTNER], now=desk.now)
            Freshness.objects.update(marks={})  # every fact is made anew
        refresh(desk.client.pk, now=desk.now)
        assert OfferFact.objects.get(offer=lost).captured


def test_the_list_asks_first_and_then_erases(desk, lost):
    screen, path = Screen(desk, PARTNER), reverse("admin:offers_candidate_changelist")
    chosen = {"action": "erase_chosen", "_selected_action": lost.candidate_id}
    assert "This cannot be undone" in text(screen.post(path, **chosen))
    assert Person.objects.exists()
    assert screen.post(path, **chosen, confirm="1").status_code == 302
    assert not Person.objects.exists()


def test_the_command_erases_and_says_how_many_notes(desk, lost):
    reference, said = Candidate.objects.get(pk=lost.candidate_id).external_id, StringIO()
    call_command("erase", reference, client=desk.client.code, stdout=said)
    assert said.getvalue() == f"Candidate {reference} is erased, and 4 notes with them.\n"
    with pytest.raises(CommandError, match="has no candidate"):
        call_command("erase", "nobody", client=desk.client.code)
