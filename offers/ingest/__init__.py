"""Offers from files, and every kind of file that can be taken in."""

from governance.ingest import KINDS as REFERENCES
from governance.ingest.kinds import Kind
from offers.ingest.approvals import APPROVALS
from offers.ingest.assessments import ASSESSMENTS
from offers.ingest.costs import COSTS
from offers.ingest.greenhouse import GREENHOUSE
from offers.ingest.history import ADVICE_GIVEN, COUNTER_OFFERS, OVERRIDE_REGISTER
from offers.ingest.offers import OFFERS

OWN = (OFFERS, ASSESSMENTS, APPROVALS, COUNTER_OFFERS, OVERRIDE_REGISTER, ADVICE_GIVEN, COSTS, GREENHOUSE)
KINDS: dict[str, Kind] = {kind.name: kind for kind in (*REFERENCES, *OWN)}
