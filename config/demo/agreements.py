"""The statements of work of the sample: one for each engagement, in force from its first day to its last."""

import copy
from datetime import datetime
from typing import Any

from governance.models import Engagement, StatementOfWork
from governance.versions import starting_document

SUCCESS_PERCENT = "40"  # of a mixed fee


def publish(engagement: Engagement, *, at: datetime) -> StatementOfWork:
    """The engagement's statement of work, published at that instant."""
    row = StatementOfWork(
        client=engagement.client, engagement=engagement, name=engagement.code, document=_document(engagement),
        valid_from=engagement.starts_on, valid_to=engagement.ends_on,
    )  # fmt: skip
    row.clean()
    row.published_at = at
    row.save()
    return row


def _document(engagement: Engagement) -> dict[str, Any]:
    """The starting template with what is particular here: Corvane and Warsaw leave gaps, as readiness shows."""
    found: dict[str, Any] = copy.deepcopy(starting_document("statement_of_work"))
    project = engagement.delivery_model == "project"
    found |= {"delivery": str(engagement.delivery_model), "embedded": engagement.embedded}
    found["fees"] = {"model": str(engagement.fee_model), "clause": "6.1"}
    if engagement.fee_model == "mixed":
        found["fees"]["success_percent"] = SUCCESS_PERCENT
    activities = found["activities"]
    if engagement.client.code == "corvane":
        del activities["attrition_capture"]
    if engagement.client.code == "lumen":
        party = "provider" if engagement.code.endswith("2") else "client_hr"
        for name in ("benchmarking", "first_draft"):
            activities[name]["party"] = party
    if project:
        del activities["decline_capture"], activities["attrition_capture"]
        found["recruiters_may_grant"] = False
        found["scope"] = "partial"
        found["hand_off"] = {
            "after": "acceptance", "to": "client_hr", "share": ["start_dates", "attrition"], "within_days": 14,
            "clause": "2.3",
        }  # fmt: skip
    return found
