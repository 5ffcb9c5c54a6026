"""How things are said: pay as the reader writes numbers, times in their zone, relative with the exact one beside.

Pure: the reader, the zone and the moment come in as a `Voice`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

from governance.market import percent_shown
from governance.money import format_money
from offers.lifecycle import Status
from offers.models import Clock, OfferVersion
from offers.models.clocks import ClockKind

NONE = "–"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

STATUS_KIND: dict[str, str] = {
    Status.DRAFT: "quiet",
    Status.IN_REVIEW: "warn",
    Status.APPROVED: "info",
    Status.EXTENDED: "info",
    Status.NEGOTIATING: "warn",
    Status.ACCEPTED: "ok",
    Status.JOINED: "ok",
    Status.DECLINED: "bad",
    Status.EXPIRED: "bad",
    Status.WITHDRAWN: "bad",
    Status.RENEGED: "bad",
    Status.RESCINDED: "quiet",
    Status.CANCELLED: "quiet",
}


@dataclass(frozen=True, slots=True)
class Pill:
    """A state as templates/partials/pill.html shows it: a colour's name and the words."""

    kind: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as people say it, with the exact one for the hover and the machine's for <time>."""

    text: str
    exact: str
    iso: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One reader: the instant they read at (aware), their zone and the locale whose numbers they write."""

    now: datetime
    zone: tzinfo = UTC
    locale: str = "en"

    @classmethod
    def of(cls, request: HttpRequest, now: datetime) -> "Voice":
        """The reader behind a request: the zone that the portal has put on, numbers as their browser asks for."""
        return cls(now, timezone.get_current_timezone(), preferred_locale(request.headers.get("Accept-Language", "")))

    def money(self, amount: Decimal | None, currency: str) -> str:
        return format_money(amount, currency, self.locale)

    def number(self, value: Decimal, places: int, *, fixed: bool = False) -> str:
        """At most so many decimals, half up, without zeros behind; `fixed` keeps them, so that a column lines up."""
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return str(format_decimal(rounded, format="#,##0." + ("0" if fixed else "#") * places, locale=self.locale))

    def percent(self, share: Decimal | Fraction | None, *, places: int = 1, fixed: bool = False) -> str:
        """A share (0.05) as "5 %", with at most so many decimals, or with exactly so many."""
        if share is None:
            return NONE
        exact = Fraction(share) * 100
        value = Decimal(exact.numerator) / Decimal(exact.denominator)
        return f"{self.number(value, places, fixed=fixed)}\u00a0%"

    def distance(self, share: Decimal | Fraction, *, signed: bool = False) -> str:
        """How far pay is from a reference: as rules say it, so that no decimal hides the side of a limit.

        Without its sign, which the words around it say; `signed` puts + or − before it.
        """
        near, shown = percent_shown(abs(Fraction(share)))
        sign = "" if not signed or not share else "+" if share > 0 else "−"
        figure = format_decimal(shown, format="#,##0.####", locale=self.locale)
        return f"{near} {sign}{figure}\u00a0%".lstrip()

    def day(self, day: date | None) -> str:
        return NONE if day is None else day_text(day)

    def exact(self, instant: datetime) -> str:
        here = instant.astimezone(self.zone)
        return f"{here:%a} {self.day(here)}, {here:%H:%M %Z}"

    def moment(self, instant: datetime) -> Moment:
        """ "12 min ago", "today 17:05", "yesterday 09:30", "Fri 14:00", "20 Nov 2026"; the same ahead of now."""
        return Moment(self._relative(instant), self.exact(instant), instant.isoformat())

    def _relative(self, instant: datetime) -> str:
        ahead = instant - self.now
        if abs(ahead) < HOUR:
            minutes = int(abs(ahead) / MINUTE)
            if not minutes:
                return "just now"
            return f"in {minutes} min" if ahead > timedelta() else f"{minutes} min ago"
        here = instant.astimezone(self.zone)
        days = (here.date() - self.now.astimezone(self.zone).date()).days
        near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days) or (f"{here:%a}" if abs(days) < 7 else "")
        return f"{near} {here:%H:%M}" if near else self.day(here)


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def preferred_locale(accept_language: str) -> str:
    """The first language of an Accept-Language header that numbers can be written in; "en" where there is none."""
    for name, _ in parse_accept_lang_header(accept_language):
        try:
            return str(Locale.parse(name, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return "en"


def span(length: timedelta) -> str:
    """A duration as people say it: "45 min", "4 h 20 min", "26 h", "3 days 2 h"."""
    minutes = int(abs(length) / MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    if hours < 72:
        return f"{hours} h"
    days, over = divmod(hours, 24)
    return f"{days} days {over} h" if over else f"{days} days"


def reading(length: timedelta) -> str:
    """A clock's face: "19:40 h" up to a hundred hours, "5 d 3 h" beyond."""
    minutes = int(length / MINUTE)
    hours, rest = divmod(minutes, 60)
    if hours < 100:
        return f"{hours}:{rest:02} h"
    return f"{hours // 24} d {hours % 24} h"


def status_pill(status: str) -> Pill:
    return Pill(STATUS_KIND.get(status, "quiet"), status.replace("_", " ").capitalize())


# --- standing, in a line


def standing_pill(version: OfferVersion | None, voice: Voice) -> Pill:
    """The traffic light of a version with its words: how far from reference, and where in the band."""
    if version is None or not version.is_frozen:
        return Pill("quiet", "Not judged yet", "Terms are judged when they are submitted.")
    words = ", ".join(part for part in (gap_words(version, voice), band_words(version)) if part)
    if version.second_review:
        return Pill("bad", words)
    return Pill("warn" if version.gap is None or version.band_position in ("", "none") else "ok", words)


def gap_words(version: OfferVersion, voice: Voice) -> str:
    if version.gap is None:
        return "reference unknown" if version.unknown_reason else "no reference"
    if not percent_shown(Fraction(version.gap))[1]:
        return "at reference"
    return f"{voice.distance(version.gap)} {'below' if version.gap < 0 else 'above'}"


def band_words(version: OfferVersion) -> str:
    return {
        "inside": "in band",
        "below": "below band",
        "above": "above band",
        "on_step": "on a step",
        "off_step": "off the scale",
        "none": "no band",
    }.get(version.band_position, "")


# --- clocks

_LADDER = (ClockKind.VERBAL_TO_WRITTEN, ClockKind.APPROVAL_STEP)
_FIRST = (
    ClockKind.VERBAL_TO_WRITTEN,
    ClockKind.COUNTER_RESPONSE,
    ClockKind.APPROVAL_STEP,
    ClockKind.CANDIDATE_RESPONSE,
)


def leading(clocks: list[Clock]) -> Clock | None:
    """Of the clocks that run on an offer, the one that a glance should show: the way to the letter before all."""
    return min(clocks, key=lambda clock: (_FIRST.index(ClockKind(clock.kind)), clock.started_at), default=None)


def highest_flag(clocks: list[Clock]) -> int:
    """The highest threshold, in hours, that any of them has passed; 0 for none."""
    return max((clock.thresholds[clock.flagged - 1] for clock in clocks if clock.flagged), default=0)


@dataclass(frozen=True, slots=True)
class Face:
    """A clock at a glance. `used` is percent of the way to its last mark; `due` says when, in words."""

    clock: Clock
    reading: str
    kind: str
    due: str
    due_exact: str
    used: float
    flag: int
    state: str = ""


def face(clock: Clock, voice: Voice) -> Face:
    """How a clock stands now. Overdue is bad; flagged, or with a quarter of its time left, is a warning."""
    elapsed = (clock.stopped_at or voice.now) - clock.started_at
    flag = highest_flag([clock])
    target = clock.target_at
    late = target is not None and (clock.stopped_at or voice.now) >= target
    near = target is not None and not late and elapsed >= (target - clock.started_at) * 0.75
    return Face(
        clock=clock,
        reading=reading(elapsed),
        kind="bad" if late else "warn" if flag or near else "ok",
        due=_due(clock, voice, late),
        due_exact=_exactly(clock, voice),
        used=min(100.0, elapsed / _whole(clock) * 100),
        flag=flag,
        state=_state(clock, voice),
    )


def _state(clock: Clock, voice: Voice) -> str:
    """Why it stands still, or who holds the ladder until when; empty while it simply runs."""
    if clock.stopped_at:
        return ""
    if clock.paused_at:
        return f"Paused since {voice.moment(clock.paused_at).text}: {clock.get_pause_reason_display()}"
    if clock.hold_until and clock.hold_until > voice.now:
        return f"Acknowledged: the ladder holds until {voice.moment(clock.hold_until).text}"
    return ""


def _exactly(clock: Clock, voice: Voice) -> str:
    """When it is due, and the elapsed reading beside it where calendar or pauses moved the two apart."""
    if clock.target_at is None:
        return ""
    due, elapsed = voice.exact(clock.target_at), clock.elapsed_target_at
    apart = elapsed is not None and elapsed != clock.target_at
    return f"{due} by contract, {voice.exact(elapsed)} elapsed" if elapsed and apart else due


def _target(clock: Clock) -> str:
    """What the contract allows; said to be of working time where nights, weekends or a pause have moved the target."""
    if not clock.target_hours:
        return ""
    apart = clock.elapsed_target_at is not None and clock.elapsed_target_at != clock.target_at
    return f"target {clock.target_hours} {'working ' if apart else ''}h"


def _due(clock: Clock, voice: Voice, late: bool) -> str:
    target = clock.target_at
    if target is None:
        return "no target"
    if clock.paused_at and not clock.stopped_at:
        left = target - clock.paused_at
        return f"{span(left)} left when it runs on" if left > timedelta() else "overdue"
    if clock.stopped_at:
        return "stopped after the target" if late else "met its target"
    return f"{'overdue by' if late else 'due in'} {span(target - voice.now)}"


def _whole(clock: Clock) -> timedelta:
    """The length of a clock's bar: to its last threshold, or to its target where it has none."""
    marks = [instant - clock.started_at for instant in clock.due_instants]
    if clock.target_at:
        marks.append(clock.target_at - clock.started_at)
    return max(marks, default=timedelta()) or DAY


def clock_card(clock: Clock, voice: Voice, holder: str = "") -> dict[str, object]:
    """The context of templates/partials/clock.html, with its title and the highest flag."""
    shown = face(clock, voice)
    return {
        "title": clock.get_kind_display(),
        "note": _target(clock),
        "reading": shown.reading,
        "tone": shown.kind,
        "due": shown.due[:1].upper() + shown.due[1:],
        "due_exact": shown.due_exact,
        "holder": holder,
        "state": shown.state,
        "used": shown.used,
        "ticks": _ticks(clock),
        "label": ", ".join(filter(None, (f"{clock.get_kind_display()}: {shown.reading}", shown.due, shown.state))),
        "flag": shown.flag,
    }


def _ticks(clock: Clock) -> list[dict[str, object]]:
    """Start, thresholds and target along the bar, 0 to 100; a label too near another one leaves."""
    whole = _whole(clock)
    target = (clock.target_at - clock.started_at) / whole * 100 if clock.target_at else None
    marks = [
        (float((instant - clock.started_at) / whole * 100), f"{hours} h")
        for hours, instant in zip(clock.thresholds, clock.due_instants, strict=False)
    ]
    found: list[dict[str, object]] = [
        {"at": at, "label": label, "target": False}
        for at, label in [(0.0, "start"), *marks]
        if target is None or abs(at - target) > 12
    ]
    if target is not None:
        same = next((label for at, label in marks if abs(at - target) < 1), "")
        found.append({"at": target, "label": f"{same} target".strip(), "target": True})
    return sorted(found, key=lambda tick: float(str(tick["at"])))
