"""Lists of the work, on governance.scoping.ScopedAdmin; an offer's own page is the workbench of offers.views."""

from offers.admin import alarms, intake, ledger, offer, outbox, overrides, results

__all__ = ["alarms", "intake", "ledger", "offer", "outbox", "overrides", "results"]
