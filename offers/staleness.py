"""Published pay that is about to be too old to judge by: its owners hear of it ahead, once a reference set."""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef

from governance.keeping import owners
from governance.models import Benchmark, JobMatch
from governance.programme import load_many
from offers.coverage import SOON
from offers.models import OutboxMessage
from offers.models.outbox import MailKind


def warn_of_stale(*, now: datetime) -> int:
    """Queue a mail to whoever keeps the references 60 days before the newest values of a matched source go stale.

    Looks at the clients in scope; a set (source and date) is said once to each. Gives the number of sets that are due.
    """
    matched = JobMatch.objects.filter(source=OuterRef("source"))
    newest = (
        Benchmark.objects.filter(Exists(matched), as_of__lte=now.date())
        .order_by()
        .values("client_id", "source_id", "source__stale_after_days")
        .annotate(day=Max("as_of"))
    )
    due = [row for row in newest if row["day"] + timedelta(days=row["source__stale_after_days"]) - SOON <= now.date()]
    programmes = load_many({row["client_id"] for row in due}) if due else {}
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                client_id=row["client_id"],
                key=f"{MailKind.REFERENCE_STALE}:{row['source_id']}:{row['day']}:{user}",
                kind=MailKind.REFERENCE_STALE,
                user_id=user,
                ids={"source": row["source_id"], "as_of": row["day"].isoformat()},
                created_at=now,
                due_at=now,
            )
            for row in due
            for user in owners(programmes[row["client_id"]], now)
        ],
        ignore_conflicts=True,
    )
    return len(due)
