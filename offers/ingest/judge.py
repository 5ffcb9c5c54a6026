"""What imported terms were worth on their day: band and reference of many versions, from one read of the client's rows.

Says what offers/standing.py says of one version, but asks no policy: what was decided elsewhere asks nobody here.
Only data dated on or before the day of the offer is used.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from governance import market, policy
from governance.models import Benchmark, JobMatch, SalaryBand
from governance.models.base import PayPeriod
from governance.programme import Programme, load
from offers import standing
from offers.models import OfferVersion
from offers.models.offer import Job
from offers.standing import Assessment, Peers

IMPORTED = "Imported: it was decided elsewhere, and nobody was asked here."
NO_PEERS = Peers(0, None, None, None, False)


@dataclass(slots=True)
class References:
    """A client's bands, matches and the benchmarks that these name, ready to look up."""

    programme: Programme
    bands: dict[tuple[str, str, str], list[SalaryBand]] = field(default_factory=lambda: defaultdict(list))
    matches: dict[tuple[str, str, str], JobMatch] = field(default_factory=dict)
    benchmarks: dict[tuple[int, str, str], list[Benchmark]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, client_id: int) -> "References":
        found = cls(load(client_id))
        for band in SalaryBand.objects.filter(client_id=client_id).order_by("minimum"):
            found.bands[band.grade, band.location, band.role_code or band.role_family].append(band)
        for match in JobMatch.objects.filter(client_id=client_id).select_related("source"):
            found.matches[match.role_code, match.grade, match.location] = match
        codes = {match.source_role_code for match in found.matches.values()}
        places = {match.source_location for match in found.matches.values()}
        for row in Benchmark.objects.filter(client_id=client_id, role_code__in=codes, location__in=places):
            found.benchmarks[row.source_id, row.role_code, row.location].append(row)
        return found

    def bands_for(self, job: Job, currency: str, day: date) -> tuple[SalaryBand, ...]:
        """The rows of the role code where it has any, else the family's, valid on the day."""
        for role, by_code in ((job.role_code, True), (job.role_family, False)):
            rows = self.bands.get((job.grade, job.location, role), []) if role else []
            valid = [
                band
                for band in rows
                if bool(band.role_code) == by_code
                and band.currency == currency
                and band.valid_from <= day
                and (band.valid_to is None or day <= band.valid_to)
            ]
            if valid:
                return tuple(valid)
        return ()

    def match_for(self, job: Job) -> JobMatch | None:
        """The match of the grade, else that of every grade."""
        role, place = job.role_code, job.location
        if not role:
            return None
        return self.matches.get((role, job.grade, place)) or self.matches.get((role, "", place))

    def benchmark_for(self, match: JobMatch | None, currency: str, day: date) -> Benchmark | None:
        """The newest yearly row of the currency dated by the day; another only where there is no such row."""
        if match is None:
            return None
        rows = self.benchmarks.get((match.source_id, match.source_role_code, match.source_location), [])
        dated = [row for row in rows if row.as_of <= day]
        fits = [row for row in dated if row.period == PayPeriod.YEAR and row.currency == currency]
        return max(fits or dated, key=lambda row: row.as_of, default=None)

    def freeze(self, version: OfferVersion, job: Job, country: str, day: date) -> None:
        """Copy onto an unsaved version what its terms were judged by on their day; `country` is the client's."""
        base, currency = version.base_annual, version.currency
        bands = self.bands_for(job, currency, day)
        scale = standing._band(bands, version)
        match = self.match_for(job)
        benchmark = self.benchmark_for(match, currency, day)
        found = market.judge(
            base,
            currency,
            on=day,
            band=scale,
            reference=standing._reference(match, benchmark),
            country=job.country or country,
        )
        facts = policy.Facts(standing=found, currency=currency, base=base, first_year_cash=version.first_year_cash)
        judged = Assessment(
            standing=found,
            facts=facts,
            evaluation=policy.Evaluation(fired=(), steps=(), advice=(), because=IMPORTED),
            programme=self.programme,
            peers=NO_PEERS,
            day=day,
            scale=scale,
            band=standing._nearest(bands, base, version.hours_divisor),
            bands=bands,
            match=match,
            benchmark=benchmark,
        )
        standing.freeze(version, judged)
        version.policy_id, version.peer_count = None, None
