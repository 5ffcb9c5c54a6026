"""The main pages as a person sees them, photographed: each as somebody whose page it is, in every look."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import CommandError
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from config import shots_mail
from governance.access import Role
from governance.models import (
    ApprovalPolicy,
    BusinessCalendar,
    Client,
    Engagement,
    Membership,
    SalaryBand,
    StatementOfWork,
    User,
)  # fmt: skip
from governance.tenancy import scope_all
from offers.models import Advice, Approval, Offer, OutboxMessage, Override
from offers.models.approvals import ApprovalStatus

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1360, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1360, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 400, "height": 860}, "has_touch": True},
}
JOINED, REPORT = "admin:offers_offer_change", "offers:report-override"
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True, slots=True)
class Shot:
    """A page by its name, the role that looks at it (None: nobody signed in), where it is, and at which client.

    `press` is a button, as a CSS selector, that is pressed there first.
    """

    name: str
    role: Role | None
    address: Callable[[], str | None]
    client: str = ""
    press: str = ""


def take(url: str, folder: Path, *, looks: Sequence[str], only: str = "") -> Iterator[Path]:
    """Photograph every main page of the portal at `url` into `folder`, yielding each picture's path.

    Raises CommandError where no Chromium is installed or the sample programme is not loaded.
    """
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise CommandError("No Chromium is installed: apt-get install chromium.")
    folder.mkdir(parents=True, exist_ok=True)
    with scope_all():
        pages = [(shot, shot.address(), session(shot.role, shot.client)) for shot in SHOTS if only in shot.name]
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET, chromium_sandbox=os.geteuid() != 0)
        for shot, address, key in pages:
            for look in looks if address else ():
                path = folder / f"{shot.name}-{look}.png"
                whole = str(address) if "://" in str(address) else f"{url}{address}"
                _photograph(browser, whole, key, LOOKS[look], path, press=shot.press)
                yield path
        browser.close()


def _photograph(
    browser: "Browser", address: str, key: str | None, look: dict[str, Any], path: Path, *, press: str = ""
) -> None:
    context = browser.new_context(**look, locale="en-GB")
    if key:
        everywhere = urljoin(address, "/")  # and not below the page alone: it asks for its panels elsewhere
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": everywhere}])
    page = context.new_page()
    page.set_default_timeout(120_000)  # a busy machine is slow, not wrong
    page.goto(address, wait_until="networkidle")
    if press:
        page.click(press)
        page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=True)
    context.close()


def session(role: Role | None, client: str = "") -> str | None:
    """The key of a session of somebody with this role at the client of that code (else the first), None for nobody."""
    if role is None:
        return None
    at = Client.objects.filter(code=client).first() if client else first_client()
    found = Membership.objects.filter(role=role, client=at, is_active=True).order_by("pk").first()
    if found is None:
        raise CommandError("The sample programme is not loaded: make demo ARGS=--once.")
    user: User = found.user
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return store.session_key


def first_client() -> Client | None:
    return Client.objects.order_by("pk").first()


def of_offer(**which: Any) -> Callable[[], str | None]:
    """The page of the oldest offer of the first client with these properties."""

    def find() -> str | None:
        offer = Offer.objects.filter(client=first_client(), **which).order_by("moved_at").first()
        return reverse("admin:offers_offer_change", args=[offer.pk]) if offer else None

    return find


def asked(role: Role) -> Callable[[], str | None]:
    """The page of an offer on which this role is asked to decide."""

    def find() -> str | None:
        waits = Approval.objects.filter(client=first_client(), status=ApprovalStatus.ASKED, role=role).order_by(
            "due_at"
        )
        found = waits.first()
        return reverse("admin:offers_offer_change", args=[found.offer_id]) if found else None

    return find


def act_on(name: str, **which: Any) -> Callable[[], str | None]:
    """The form of an action on the oldest offer of the first client with these properties."""

    def find() -> str | None:
        offer = Offer.objects.filter(client=first_client(), **which).order_by("moved_at").first()
        return reverse("offers:act", args=[offer.pk, name]) if offer else None

    return find


def to_decide(role: Role) -> Callable[[], str | None]:
    """The page on which this role decides the approval that is due first."""

    def find() -> str | None:
        found = Approval.objects.filter(client=first_client(), status=ApprovalStatus.ASKED, role=role).order_by(
            "due_at"
        )
        return reverse("offers:decide", args=[found[0].pk]) if found else None

    return find


def listed(name: str) -> Callable[[], str]:
    return lambda: reverse(f"admin:{name}")


def of_negotiation() -> str | None:
    """Where an ask is answered: what can be offered now."""
    offer = Offer.objects.filter(client=first_client(), status="negotiating").order_by("moved_at").first()
    return reverse("offers:settle", args=[offer.pk]) if offer else None


def of_casebook(asked: str) -> Callable[[], str]:
    return lambda: f"{reverse('insight:casebook')}?client=lumen&{asked}"


def newest(model: Any, name: str) -> Callable[[], str | None]:
    def find() -> str | None:
        row = model.objects.filter(client=first_client()).order_by("pk").last()
        return reverse(name, args=[row.pk]) if row else None

    return find


def stuck_offers(act: str) -> Callable[[], str]:
    """An act of the stuck board on the three offers that have been stuck longest."""

    def find() -> str:
        stuck = Offer.objects.filter(client=first_client(), escalations__status="open").distinct().order_by("pk")[:3]
        return reverse("offers:stuck-act", args=[act]) + "?" + "&".join(f"offer={offer.pk}" for offer in stuck)

    return find


def one_unit() -> str | None:
    """The board of one business unit."""
    stuck = Offer.objects.filter(client=first_client(), escalations__status="open").order_by("pk")
    unit = stuck.values_list("requisition__business_unit", flat=True).first()
    return reverse("offers:stuck") + "?" + urlencode({"unit": unit}) if unit else None


def leaver() -> str | None:
    """What the recruiter with the most open offers would hand over."""
    offers = Offer.objects.live().filter(client=first_client()).exclude(recruiter=None)
    found = offers.values("recruiter").annotate(n=Count("pk")).order_by("-n").first()
    return reverse("offers:stuck-act", args=["hand-over"]) + f"?from={found['recruiter']}" if found else None


def of_calendar(name: str, query: str = "") -> Callable[[], str | None]:
    def find() -> str | None:
        row = BusinessCalendar.objects.filter(client=first_client(), is_default=True).first()
        return reverse(name, args=[row.pk]) + query if row else None

    return find


def row_of(model: Any, name: str, client: str, *more: str, **which: Any) -> Callable[[], str | None]:
    """The page `name` of the newest row of the client of that code with these properties; `more` follows its key."""

    def find() -> str | None:
        row = model.objects.filter(client__code=client, **which).order_by("pk").last()
        return reverse(name, args=[row.pk, *more]) if row else None

    return find


INSIGHT = (
    "scorecard", "timing", "pay", "acceptance", "declines", "approvals", "exceptions", "attrition", "volume", "cost",
)  # fmt: skip


def insight(name: str, query: str = "?since=") -> Callable[[], str]:
    """A page of insight over all time, unless the query names a period."""
    return lambda: reverse(f"insight:{name}") + query


SHOTS = (
    Shot("sign-in", None, lambda: reverse("account_login")),
    Shot("home-coordinator", Role.COORDINATOR, listed("index")),
    Shot("home-hr-partner", Role.HR_PARTNER, listed("index")),
    Shot("home-finance", Role.FINANCE_LEADER, listed("index")),
    Shot("offers", Role.COORDINATOR, listed("offers_offer_changelist")),
    Shot("offer-to-decide", Role.HR_PARTNER, asked(Role.HR_PARTNER)),
    Shot("offer-draft", Role.COORDINATOR, of_offer(status="draft")),
    Shot("offer-approved", Role.RECRUITER, of_offer(status="approved")),
    Shot("offer-extended", Role.RECRUITER, of_offer(status="extended")),
    Shot("offer-negotiating", Role.RECRUITER, of_offer(status="negotiating")),
    Shot("offer-closed", Role.AUDITOR, of_offer(status="declined")),
    Shot("offer-add", Role.COORDINATOR, listed("offers_offer_add")),
    Shot("waiting", Role.HR_PARTNER, lambda: reverse("offers:waiting")),
    Shot("decide", Role.HR_PARTNER, to_decide(Role.HR_PARTNER)),
    Shot("away", Role.HR_PARTNER, lambda: reverse("away:absences")),
    Shot("stuck", Role.ACCOUNT_DIRECTOR, lambda: reverse("offers:stuck")),
    Shot("stuck-filtered", Role.ACCOUNT_DIRECTOR, one_unit),
    Shot("stuck-empty", Role.ACCOUNT_DIRECTOR, lambda: reverse("offers:stuck") + "?unit=None"),
    Shot("stuck-acknowledge", Role.ACCOUNT_DIRECTOR, stuck_offers("acknowledge")),
    Shot("stuck-nudge", Role.ACCOUNT_DIRECTOR, stuck_offers("nudge")),
    Shot("stuck-prolong", Role.ACCOUNT_DIRECTOR, stuck_offers("prolong")),
    Shot("stuck-hand-over", Role.ACCOUNT_DIRECTOR, stuck_offers("hand-over")),
    Shot("stuck-leaver", Role.ACCOUNT_DIRECTOR, leaver),
    Shot("contact", Role.RECRUITER, act_on("contact", status="extended")),
    Shot("pause", Role.RECRUITER, act_on("pause", status="draft")),
    Shot("at-risk", Role.RECRUITER, act_on("escalate", priority="critical", status="in_review")),
    Shot("calendar", Role.HR_PARTNER, of_calendar("admin:governance_businesscalendar_change")),
    Shot("calendar-effect", Role.HR_PARTNER, of_calendar("offers:calendar-effect")),
    Shot("holidays", Role.HR_PARTNER, of_calendar("offers:calendar-holidays", "?subdivision=NC")),
    Shot("alarms", Role.ADMINISTRATOR, listed("offers_alarm_changelist")),
    Shot("requisitions", Role.COORDINATOR, listed("offers_requisition_changelist")),
    Shot("bands", Role.HR_PARTNER, listed("governance_salaryband_changelist")),
    Shot("band", Role.HR_PARTNER, newest(SalaryBand, "admin:governance_salaryband_change")),
    Shot("benchmarks", Role.HR_PARTNER, listed("governance_benchmark_changelist")),
    Shot("coverage", Role.HR_PARTNER, lambda: reverse("offers:coverage")),
    Shot("bring-in", Role.HR_PARTNER, lambda: reverse("references:import", args=["bands"])),
    Shot("compare", Role.HR_PARTNER, lambda: reverse("references:compare", args=["bands"])),
    Shot("what-now", Role.RECRUITER, of_negotiation),
    Shot("overrides", Role.HR_PARTNER, listed("offers_override_changelist")),
    Shot("policies", Role.HR_PARTNER, listed("governance_approvalpolicy_changelist")),
    Shot("policy", Role.HR_PARTNER, newest(ApprovalPolicy, "policies:policy")),
    Shot("override", Role.HR_PARTNER, row_of(Override, "offers:override", "lumen"), "lumen"),
    Shot(
        "override-report", Role.RECRUITER, row_of(Offer, "offers:report-override", "lumen", status="approved"), "lumen"
    ),
    Shot("advice", Role.HR_PARTNER, row_of(Advice, "offers:advice", "lumen", decision=""), "lumen"),
    Shot("advice-decided", Role.AUDITOR, row_of(Advice, "offers:advice", "lumen", decision="refused"), "lumen"),
    Shot("advice-cases", Role.RECRUITER, row_of(Offer, "offers:cases", "lumen", status="approved"), "lumen"),
    Shot("advise", Role.RECRUITER, row_of(Offer, "offers:act", "lumen", "advise", status="approved"), "lumen"),
    Shot("offer-joined", Role.HR_PARTNER, row_of(Offer, JOINED, "northbridge", left_on__isnull=False)),
    Shot("leaving", Role.HR_PARTNER, row_of(Offer, "offers:act", "northbridge", "leave", left_on__isnull=False)),
    Shot("statements", Role.HR_PARTNER, listed("governance_statementofwork_changelist"), "lumen"),
    Shot("statement", Role.HR_PARTNER, row_of(StatementOfWork, "sow:sow", "lumen"), "lumen"),
    Shot("statement-new", Role.HR_PARTNER, lambda: reverse("sow:start"), "lumen"),
    Shot("readiness", Role.HR_PARTNER, lambda: reverse("sow:readiness"), "lumen"),
    Shot("readiness-red", Role.HR_PARTNER, row_of(Engagement, "sow:readiness-of", "lumen", ends_on=None), "lumen"),
    Shot("exceptions", Role.HR_PARTNER, listed("offers_scopeexception_changelist")),
    Shot("exception", Role.HR_PARTNER, lambda: reverse("offers:exception")),
    Shot("exceptions-references", Role.HR_PARTNER, lambda: reverse("references:exceptions")),
    Shot("bands-kept", Role.HR_PARTNER, listed("governance_salaryband_changelist"), "lumen"),
    Shot("casebook", Role.TALENT_LEADER, of_casebook("since=&words=yes"), "lumen"),
    Shot("casebook-groups", Role.TALENT_LEADER, of_casebook("whose=programme&kind=waited"), "lumen"),
    Shot("casebook-refused", Role.TALENT_LEADER, of_casebook("whose=programme"), "lumen"),
    Shot("outbox", Role.ADMINISTRATOR, listed("offers_outboxmessage_changelist")),
    Shot("mail", Role.ADMINISTRATOR, newest(OutboxMessage, "offers:mail")),
    Shot("link-decide", None, shots_mail.link("decide")),
    Shot("link-comment", None, shots_mail.link("decide"), press="button[value=rejected]"),
    Shot("link-confirm", None, shots_mail.link("confirm")),
    Shot("link-acknowledge", None, shots_mail.link("acknowledge")),
    Shot("link-code", None, shots_mail.coded, press="button[value=approved]"),
    Shot("link-replayed", None, shots_mail.link("decide", used_at=timezone.now)),
    Shot("link-flipped", None, shots_mail.flipped),
    Shot("link-expired", None, shots_mail.link("decide", expires_at=timezone.now)),
    Shot("link-taken-back", None, shots_mail.link("decide", revoked_at=timezone.now)),
    Shot("link-decided", None, shots_mail.over),
    Shot("link-superseded", None, shots_mail.superseded),
    Shot("link-left", None, shots_mail.link("decide", user=shots_mail.stranger)),
    Shot("link-forwarded", Role.AUDITOR, shots_mail.link("decide")),
    Shot("mail-approval", None, shots_mail.mail("approval_asked")),
    Shot("mail-approval-text", None, shots_mail.mail_text("approval_asked")),
    Shot("mail-escalation", None, shots_mail.mail("escalation", several=False)),
    Shot("mail-digest", None, shots_mail.mail("escalation", several=True)),
    Shot("mail-escalation-text", None, shots_mail.mail_text("escalation")),
    Shot("mail-verbal", None, shots_mail.mail("verbal_confirm")),
    Shot("mail-verbal-text", None, shots_mail.mail_text("verbal_confirm")),
    Shot("mail-approved", None, shots_mail.mail("approved")),
    Shot("mail-advice", None, shots_mail.mail("advice")),
    *(Shot(f"insight-{name}", Role.ACCOUNT_DIRECTOR, insight(name)) for name in INSIGHT),
    Shot("insight-compare", Role.ACCOUNT_DIRECTOR, insight("compare", "")),
    Shot("insight-empty", Role.ACCOUNT_DIRECTOR, insight("timing", "?since=2001-01-01&until=2001-02-01")),
    Shot("insight-offers", Role.ACCOUNT_DIRECTOR, insight("behind", "?report=acceptance")),
    Shot("not-found", Role.COORDINATOR, lambda: "/admin/nowhere/"),
)
