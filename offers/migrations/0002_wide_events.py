from django.db import migrations

from governance.walls import WideEvents


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_initial")]

    operations = [
        WideEvents(
            [
                "ApprovalChain",
                "Approval",
                "Candidate",
                "Clock",
                "Contingency",
                "CounterOffer",
                "Decision",
                "Escalation",
                "Letter",
                "Loss",
                "Offer",
                "OfferVersion",
                "Requisition",
                "VerbalApproval",
                "VerbalOffer",
                "VersionEditor",
            ]
        ),
    ]
