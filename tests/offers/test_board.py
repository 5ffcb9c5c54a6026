"""The stuck board: what stands on it and where, who may act on several at once, and keeping in touch."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import Role
from governance.tenancy import scope
from offers import contacts, escalations, pauses
from offers.errors import BadInput, NotInThisState
from offers.handover import hand_over
from offers.lifecycle import Status
from offers.models import Clock, Contact, Offer, OutboxMessage
from offers.sweep import sweep
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text

URL = "/offers/stuck/"


def stuck(desk: Desk, hours: float = 25, **given: Any) -> Offer:
    """A draft that was verbally approved that long ago, swept; the desk's clock moves on."""
    offer = desk.draft(requisition=desk.open_requisition(**given.pop("requisition", {})), **given)
    desk.later(hours=hours)
    sweep(now=desk.now)
    return offer


def groups(desk: Desk, role: Role = Role.RECRUITER, **query: Any) -> dict[str, list[str]]:
    shown = Screen(desk, role).get(URL, **query).context["groups"]
    return {group["title"]: [row["offer"].external_id for row in group["rows"]] for group in shown}


def test_offers_stand_under_the_level_they_have_reached_the_highest_first(desk: Desk) -> None:
    oldest = stuck(desk, 24)
    critical = stuck(desk, 24, priority="critical")
    near = desk.draft(requisition=desk.open_requisition())
    desk.later(hours=17)
    sweep(now=desk.now)
    fresh = desk.draft(requisition=desk.open_requisition())
    assert groups(desk) == {
        "Critical past 24 h": [critical.external_id],
        "Past 48 h": [oldest.external_id],
        "At risk within 8 hours": [near.external_id],
    }
    assert fresh.external_id not in text(Screen(desk, Role.RECRUITER).get(URL))


def test_a_row_says_age_holder_party_and_next_step(desk: Desk) -> None:
    offer = desk.do("submit", desk.draft("94000"))
    desk.do("approve", offer, by=Role.ACCOUNT_DIRECTOR)
    desk.later(hours=25)
    sweep(now=desk.now)
    page = text(Screen(desk, Role.RECRUITER).get(URL))
    for words in ("25:00 h", str(desk.people[Role.HR_PARTNER]), "Client HR", "Decide the approval that waits"):
        assert words in page


def test_what_is_paused_or_acknowledged_says_so(desk: Desk) -> None:
    held, paused = stuck(desk), stuck(desk)
    ids = [each.pk for each in held.escalations.all()]
    escalations.acknowledge(ids, actor=desk.people[Role.RECRUITER], now=desk.now)
    pauses.pause(paused.pk, actor=desk.people[Role.RECRUITER], now=desk.now, reason="A visit.")
    page = text(Screen(desk, Role.RECRUITER).get(URL))
    assert f"{desk.people[Role.RECRUITER]} is on it until" in page
    assert "Paused: the candidate asked for time" in page


def test_the_board_is_filtered_by_unit_and_recruiter(desk: Desk) -> None:
    other = desk.person(Role.RECRUITER)
    risk = stuck(desk, 1, requisition={"business_unit": "Risk", "recruiter": other})
    desk.later(hours=24)
    retail = stuck(desk, 25, requisition={"business_unit": "Retail"})
    assert groups(desk, unit="Risk") == {"Past 48 h": [risk.external_id]}
    assert groups(desk, recruiter=other.pk) == {"Past 48 h": [risk.external_id]}
    assert groups(desk, recruiter=desk.people[Role.RECRUITER].pk) == {"Past 24 h": [retail.external_id]}
    assert groups(desk, recruiter="x", client="-1", unit="Nowhere") == {}


def test_a_filter_holds_for_keeping_in_touch_too_and_an_empty_choice_says_that_it_is_one(desk: Desk) -> None:
    desk.bring(Status.ACCEPTED)
    desk.later(days=8)
    assert len(Screen(desk, Role.RECRUITER).get(URL).context["touches"]) == 1
    shown = Screen(desk, Role.RECRUITER).get(URL, unit="Nowhere")
    assert shown.context["touches"] == []
    assert "Nothing of these is stuck" in text(shown)


def test_the_board_takes_as_many_queries_for_many_as_for_one_and_ten_at_most(desk: Desk) -> None:
    def queries() -> int:
        stuck(desk)
        screen = Screen(desk, Role.RECRUITER)
        with screen.signed_in(), CaptureQueriesContext(connection) as seen:
            assert screen.browser.get(URL).status_code == 200
        page = [each["sql"] for each in seen if "django_session" not in each["sql"] and "set_config" not in each["sql"]]
        return len(page)

    first = queries()
    queries()
    assert queries() == first <= 10


def test_the_board_is_a_file_too(desk: Desk) -> None:
    offer = stuck(desk, 25.5)
    found = Screen(desk, Role.RECRUITER).get(URL, format="csv")
    [row] = csv.DictReader(io.StringIO(found.content.decode()))
    assert (row["offer"], row["past_hours"], row["age_hours"], row["party"]) == (
        offer.external_id,
        "24",
        "25.5",
        "Provider",
    )


def test_an_auditor_reads_the_board_and_is_offered_nothing(desk: Desk) -> None:
    stuck(desk)
    page = Screen(desk, Role.AUDITOR).get(URL).content.decode()
    assert 'type="checkbox"' not in page
    assert "formaction" not in page


def act(desk: Desk, name: str, *offers: Offer, by: Role = Role.RECRUITER, **data: Any) -> str:
    """See what would happen, then do it; gives what is said then."""
    screen, ids = Screen(desk, by), [offer.pk for offer in offers]
    before = list(Offer.objects.order_by("pk").values())
    assert screen.get(f"{URL}{name}/", offer=ids).status_code == 200
    assert list(Offer.objects.order_by("pk").values()) == before
    assert screen.post(f"{URL}{name}/", offer=ids, **data).status_code == 302
    return text(screen.get(URL))


def test_several_are_acknowledged_at_once(desk: Desk) -> None:
    offers = [stuck(desk), stuck(desk)]
    assert "2 offers acknowledged" in act(desk, "acknowledge", *offers)
    assert set(Clock.objects.values_list("hold_until", flat=True)) == {desk.now + timedelta(hours=4)}


def test_holders_are_nudged_once_an_hour(desk: Desk) -> None:
    offer = stuck(desk)
    assert "1 offer nudged" in act(desk, "nudge", offer, by=Role.ACCOUNT_DIRECTOR)
    assert "nudged within this hour" in act(desk, "nudge", offer, by=Role.ACCOUNT_DIRECTOR)
    assert OutboxMessage.objects.get(kind="nudge").user == desk.people[Role.RECRUITER]


def test_several_letters_are_prolonged_and_what_has_none_says_so(desk: Desk) -> None:
    out, draft = desk.bring(Status.EXTENDED), desk.draft(requisition=desk.open_requisition())
    said = act(desk, "prolong", out, draft, until="2026-12-20")
    assert "1 offer prolonged" in said
    assert f"{draft}: An offer that is draft cannot prolong" in said


def test_a_leavers_offers_go_to_another_with_a_reason_and_open_requisitions_too(desk: Desk) -> None:
    leaver, heir = desk.people[Role.RECRUITER], desk.person(Role.RECRUITER)
    offers = [desk.draft(), desk.draft(requisition=desk.open_requisition())]
    screen, url = Screen(desk, Role.ACCOUNT_DIRECTOR), f"{URL}hand-over/"
    assert all(offer.external_id in text(screen.get(url, **{"from": leaver.pk})) for offer in offers)
    given = {"from": leaver.pk, "recruiter": heir.pk}
    assert "This field is required" in text(screen.post(url, **given))
    screen.post(url, **given, reason="Rita leaves on Friday.")
    assert set(Offer.objects.values_list("recruiter", "holder")) == {(heir.pk, heir.pk)}
    assert set(Offer.objects.values_list("requisition__recruiter", flat=True)) == {heir.pk}


def test_a_leaver_at_two_clients_hands_over_at_one_and_then_at_the_other(desk: Desk) -> None:
    leaver, heir, mine = desk.people[Role.RECRUITER], desk.person(Role.RECRUITER), desk.draft()
    director, url = desk.people[Role.ACCOUNT_DIRECTOR], f"{URL}hand-over/"
    other = factories.ClientFactory(name="Zenith")
    with scope([other.pk]):
        for user, role in ((leaver, Role.RECRUITER), (director, Role.ACCOUNT_DIRECTOR), (heir, Role.RECRUITER)):
            factories.MembershipFactory(client=other, user=user, role=role)
        theirs = factories.OfferFactory(client=other, recruiter=leaver, external_id="Z-9")
    screen = Screen(desk, director)
    for here, there in ((mine, theirs), (theirs, mine)):
        shown = text(screen.get(url, **{"from": leaver.pk}))
        assert here.external_id in shown
        assert there.external_id not in shown
        screen.post(url, **{"from": leaver.pk}, recruiter=heir.pk, reason="Rita leaves on Friday.")
    with scope([desk.client.pk, other.pk]):
        assert set(Offer.objects.values_list("recruiter", flat=True)) == {heir.pk}


def test_a_leaver_who_has_requisitions_alone_hands_them_over_too(desk: Desk) -> None:
    leaver, heir = desk.people[Role.RECRUITER], desk.person(Role.RECRUITER)
    desk.do("cancel", desk.draft())
    screen, url = Screen(desk, Role.ACCOUNT_DIRECTOR), f"{URL}hand-over/"
    assert "1 open requisition included" in text(screen.get(url, **{"from": leaver.pk}))
    screen.post(url, **{"from": leaver.pk}, recruiter=heir.pk, reason="Rita leaves on Friday.")
    desk.requisition.refresh_from_db()
    assert desk.requisition.recruiter == heir
    assert "No offer was chosen" in text(screen.get(url, **{"from": leaver.pk}))


@pytest.mark.parametrize("name", ["acknowledge", "nudge", "prolong", "hand-over"])
@pytest.mark.parametrize("chosen", ["", "x", "9" * 5000, "1e400", "a\0b"])
def test_what_is_no_offer_is_not_acted_on_and_says_so(desk: Desk, name: str, chosen: str) -> None:
    given = {"until": "2026-12-20", "recruiter": desk.people[Role.COORDINATOR].pk, "reason": "Holiday."}
    seen = Screen(desk, Role.RECRUITER).post(f"{URL}{name}/", offer=chosen, **given)
    assert "Tick one or more on the board" in text(seen)


@pytest.mark.parametrize("name", ["client", "unit", "recruiter"])
@pytest.mark.parametrize("value", ["x", "-1", "9" * 5000, "1e400", "<b>", "漢"])
def test_a_filter_of_what_is_not_there_leaves_the_board_whole_or_empty(desk: Desk, name: str, value: str) -> None:
    assert Screen(desk, Role.RECRUITER).get(URL, **{name: value}).status_code == 200


def test_nobody_takes_over_who_is_no_recruiter_or_has_it(desk: Desk) -> None:
    offer = desk.draft()
    for to in (desk.people[Role.FINANCE_LEADER], desk.people[Role.RECRUITER]):
        with pytest.raises(BadInput):
            hand_over(offer.pk, to=to, actor=desk.people[Role.RECRUITER], now=desk.now, reason="Holiday.")


def touch(desk: Desk, offer: Offer, **given: Any) -> Contact:
    return contacts.log_contact(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, **given)


def due(desk: Desk) -> list[Offer]:
    return list(contacts.touches_due(desk.people[Role.RECRUITER], desk.now.date()))


def test_an_accepted_candidate_is_kept_warm_every_week_until_the_start(desk: Desk) -> None:
    offer = desk.bring(Status.ACCEPTED, start_on=desk.now.date() + timedelta(days=20))
    assert due(desk) == []
    desk.later(days=7)
    assert due(desk) == [offer]
    assert touch(desk, offer, note="Looks forward to it.").next_on == desk.now.date() + timedelta(days=7)
    assert due(desk) == []
    desk.later(days=7)
    assert due(desk) == [offer]
    assert touch(desk, offer).next_on is None  # the start comes first
    desk.later(days=30)
    assert due(desk) == []


def test_the_next_touch_may_be_agreed_and_is_shown_on_the_board_and_the_offer(desk: Desk) -> None:
    offer = desk.draft()
    touch(desk, offer, means="chat", note="Rings on Monday.", next_on=desk.now.date() + timedelta(days=2))
    assert "Rings on Monday." in Screen(desk, Role.RECRUITER).offer(offer)
    desk.later(days=2)
    assert "Keep in touch" in text(Screen(desk, Role.RECRUITER).get(URL))


@pytest.mark.parametrize(
    "given",
    [
        {"means": "pigeon"},
        {"next_on": factories.TODAY},
        {"next_on": date.max},
        {"at": factories.NOW + timedelta(days=1)},
        {"at": datetime.min.replace(tzinfo=UTC)},
    ],
)
def test_a_contact_is_refused_in_words(desk: Desk, given: dict[str, Any]) -> None:
    offer = desk.draft()
    with pytest.raises(BadInput):
        touch(desk, offer, **given)


def test_nobody_keeps_in_touch_with_who_has_declined(desk: Desk) -> None:
    with pytest.raises(NotInThisState):
        touch(desk, desk.bring(Status.DECLINED))
