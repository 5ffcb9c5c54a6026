from django.db import migrations

from governance.walls import WideEvents


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [
        WideEvents(
            [
                "ApprovalPolicy",
                "Benchmark",
                "BusinessCalendar",
                "Client",
                "Engagement",
                "EscalationPath",
                "ExchangeRate",
                "Guardrail",
                "Holiday",
                "JobMatch",
                "MarketSource",
                "Membership",
                "SalaryBand",
                "ServiceLevel",
            ]
        ),
    ]
