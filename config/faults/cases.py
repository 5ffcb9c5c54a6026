"""Every case, in the order in which they are played and stand in docs/faults.md."""

from config.faults import mail_server, overlaps, services
from config.faults.case import cases_of

CASES = [*cases_of(services), *cases_of(mail_server), *cases_of(overlaps)]
