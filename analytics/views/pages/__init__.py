"""Which page shows which reports, in the order of the tabs."""

from analytics.views.pages.hires import ATTRITION, COST, VOLUME
from analytics.views.pages.offers import ACCEPTANCE, PAY, TIMING
from analytics.views.pages.panel import InsightPageOf, Panel
from analytics.views.pages.work import APPROVALS, EXCEPTIONS

__all__ = ["BY_SLUG", "PAGES", "InsightPageOf", "Panel"]

PAGES: tuple[InsightPageOf, ...] = (TIMING, PAY, ACCEPTANCE, APPROVALS, EXCEPTIONS, ATTRITION, VOLUME, COST)
BY_SLUG = {page.slug: page for page in PAGES}
