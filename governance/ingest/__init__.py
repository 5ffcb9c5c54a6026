"""Reference data from files: bands, benchmarks, matches, people in the role, holidays.

files reads, cells parses, table makes rows, kinds takes a file in as a whole; each kind has a module of its own. A kind
is one `Kind`; offers/ingest adds those of the work, and the `ingest` command knows them all.
"""

from governance.ingest.bands import BANDS
from governance.ingest.benchmarks import BENCHMARKS
from governance.ingest.holidays import HOLIDAYS
from governance.ingest.incumbents import INCUMBENTS
from governance.ingest.kinds import Kind
from governance.ingest.matches import MATCHES

KINDS: tuple[Kind, ...] = (BANDS, BENCHMARKS, MATCHES, INCUMBENTS, HOLIDAYS)
