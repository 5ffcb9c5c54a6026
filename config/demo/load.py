"""Loads the sample programme in one transaction: all of it or nothing, and only where it is not there yet."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from config.demo import ground, past, plan, present, tables, when
from config.demo.effects import layout
from config.demo.tables import COMPANIES
from governance import history
from governance.models import Client, User
from governance.planner import gather_statistics
from governance.tenancy import scope, scope_all

OPEN = len(present.SPECS)
FULL = len(layout()) + OPEN
Tick = Callable[[str, float], None]


def is_loaded() -> bool:
    """True where the three clients of the sample exist."""
    with scope_all():
        return Client.objects.filter(code__in=[company.code for company in COMPANIES]).count() == len(COMPANIES)


def load(*, now: datetime, seed: int, offers: int | None, tick: Tick) -> None:
    """Insert the programme as of `now`: `offers` in all (None: the whole), open ones first. `tick` hears how far."""
    still_open = OPEN if offers is None else min(OPEN, offers)
    closed = None if offers is None else offers - still_open
    planned = plan.plans(seed, closed)
    with transaction.atomic(), ExitStack() as stack:
        _alone()
        if is_loaded():
            return
        history.bulk()
        stack.enter_context(history.because(actor=None, action="demo"))
        clients = [ground.create(company, now=now) for company in COMPANIES]
        stack.enter_context(scope(client.pk for client in clients))
        users = ground.add_users(make_password(password()))
        grounds = {
            company.code: ground.lay(company, client, now=now, users=users)
            for company, client in zip(COMPANIES, clients, strict=True)
        }
        moments = {
            each.company.code: when.moments(each, now=now, seed=seed, holidays=grounds[each.company.code].holidays())
            for each in planned
        }
        for share in past.insert_past(planned, grounds, moments, now=now):
            tick("Closed offers", share)
        gather_statistics()
        for i, _ in enumerate(present.load_present(grounds, now=now, seed=seed, count=still_open), 1):
            tick("Open offers", i / still_open)


def _alone() -> None:
    """Wait here while another process loads the programme into the same database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sample programme'))")


def password() -> str:
    """The password of everybody in the sample: made from this installation's secret key, so it opens no other."""
    digest = salted_hmac("sample programme", "password", algorithm="sha256").digest()
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    word = "".join(letters[byte % len(letters)] for byte in digest[:12])
    return f"{word[:4]}-{word[4:8]}-{word[8:]}"


def keep_password() -> None:
    """Make the password right again where the secret key has changed since the programme was loaded."""
    sample = User.objects.filter(email__in=[person.email for person in tables.people()])
    one = sample.first()
    if one is not None and not check_password(password(), one.password):
        sample.update(password=make_password(password()))


def sign_ins() -> list[dict[str, str]]:
    """One person for each role: [{"role": …, "username": …, "password": …}]."""
    return [
        {"role": person.role, "username": person.email, "password": password()}
        for person in tables.people()
        if person.sign_in
    ]
