"""Indexes of the few facts that reports ask for beside the many that they count."""

from django.db import migrations, models

from governance.walls import AddIndex

LIVE = ["approved", "draft", "extended", "in_review", "negotiating"]


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]

    operations = [
        AddIndex(
            model_name="offerfact",
            index=models.Index(condition=models.Q(("status__in", LIVE)), fields=["client"], name="fact_live"),
        ),
        AddIndex(
            model_name="offerfact",
            index=models.Index(condition=models.Q(("gap", ""), _negated=True), fields=["client"], name="fact_unsure"),
        ),
        AddIndex(
            model_name="offerfact",
            index=models.Index(
                condition=models.Q(("answer_contradicts", True)), fields=["client"], name="fact_contradicting"
            ),
        ),
    ]
