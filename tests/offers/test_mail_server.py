"""What we write ourselves for the mail server is byte for byte what Django would have written."""

import re
import threading

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.access import Role
from governance.tenancy import scope
from offers.delivery import deliver
from offers.mail_server import write
from offers.models import OutboxMessage
from offers.models.outbox import MailStatus
from offers.sweep import sweep
from tests.offers import smtp_sink
from tests.offers.stuck import waiting

BOUNDARY = re.compile(rb'boundary="([^"]+)"')
DATE = re.compile(rb"(?m)^Date: [^\r]+")
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)
bodies = st.lists(lines | st.sampled_from(["From here", ".", "é" * 600, "x" * 998, "x" * 999]), max_size=6)
ends = st.sampled_from(["\n", "\r\n", "\r"])


@given(subject=lines, text=bodies, html=bodies, end=ends, name=st.sampled_from(["Rita", "Zoë Ünal", "R" * 90]))
@settings(max_examples=60, deadline=None)
def test_a_message_is_what_django_would_write(subject, text, html, end, name):
    headers = {"Message-ID": "<outbox-1.2@portal.example>", "Auto-Submitted": "auto-generated"}
    body = end.join(["Stuck", *text])
    mail = EmailMultiAlternatives(subject, body, f"{name} <a@x.example>", ["b@x.example"], headers=headers)
    mail.attach_alternative(end.join(html), "text/html")
    theirs = mail.message().as_bytes(linesep="\r\n")
    ours = write(mail)
    mark, other = (BOUNDARY.search(each)[1] for each in (theirs, ours))
    assert DATE.sub(b"", ours.replace(other, mark)) == DATE.sub(b"", theirs)


def test_a_line_break_in_a_header_is_refused():
    mail = EmailMultiAlternatives("Stuck\nBcc: x@y.example", "text", "a@x.example", ["b@x.example"])
    mail.attach_alternative("<p>", "text/html")
    with pytest.raises(ValueError, match="newlines"):
        write(mail)


@pytest.mark.django_db(transaction=True)
def test_a_result_is_kept_before_the_next_message_leaves(client_a, member, now):
    with scope([client_a.pk]):
        for person in (member(Role.RECRUITER), member(Role.RECRUITER)):
            waiting(client_a, hours=26, now=now, holder=person)
        sweep(now=now)

    def work():
        try:
            with scope([client_a.pk]):
                deliver(now=now)
        finally:
            connection.close()

    with smtp_sink.running() as sink:
        asked = []

        def reply(address):
            asked.append(address)
            sink.hold = "DATA" if len(asked) == 2 else ""
            return "250 OK"

        sink.reply = reply
        thread = threading.Thread(target=work)
        thread.start()
        assert sink.held.wait(timeout=20)
        with scope([client_a.pk]):
            kept = OutboxMessage.objects.filter(status=MailStatus.SENT).count()
        sink.release()
        thread.join(timeout=20)
    assert (kept, len(sink.messages)) == (1, 2)
