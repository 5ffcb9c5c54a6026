"""Facts of approval steps and counter-offers, so that their reports look nothing up."""

import django.db.models.deletion
from django.db import migrations, models

import governance.walls
from governance.walls import CreateModel, Walls


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_programme_book"),
        ("governance", "0010_reference_exception"),
        ("offers", "0013_party_words"),
    ]

    operations = [
        CreateModel(
            name="CounterFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
                    ),
                ),
                (
                    "offer",
                    governance.walls.TenantKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="offers.offer"
                    ),
                ),
                ("countered_on", models.DateField()),
                ("internal", models.BooleanField(help_text="An internal move: reported apart.")),
                ("contingent", models.BooleanField(help_text="A contingent worker: reported apart.")),
                ("closed", models.BooleanField(help_text="It ended with a yes.")),
                ("dropped", models.BooleanField(help_text="The candidate was lost.")),
                ("contradicts", models.BooleanField(help_text="The answer lies before the counter-offer.")),
                ("recruiter_id", models.BigIntegerField(null=True)),
                ("hiring_manager_id", models.BigIntegerField(null=True)),
                (
                    "hours",
                    models.FloatField(
                        help_text="To the answer; empty without one, or where it lies before.", null=True
                    ),
                ),
                ("uplift", models.FloatField(help_text="Agreed over offered base, less 1.", null=True)),
                ("inside_guardrail", models.BooleanField(help_text="Empty before there was one.", null=True)),
                ("employment_type", models.CharField(max_length=10)),
                ("candidate_type", models.CharField(max_length=8)),
                ("origin", models.CharField(max_length=18)),
                ("business_unit", models.CharField(max_length=80)),
                ("role_family", models.CharField(max_length=80)),
                ("role_code", models.CharField(max_length=40)),
                ("grade", models.CharField(max_length=20)),
                ("location", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("priority", models.CharField(max_length=8)),
                ("engagement", models.CharField(max_length=40)),
                ("delivery_model", models.CharField(max_length=10)),
                ("fee_model", models.CharField(max_length=10)),
                ("source_channel", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["client", "offer"], name="counter_fact_of_offer")],
            },
        ),
        CreateModel(
            name="StepFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
                    ),
                ),
                (
                    "offer",
                    governance.walls.TenantKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="offers.offer"
                    ),
                ),
                ("internal", models.BooleanField(help_text="An internal move: reported apart.")),
                ("contingent", models.BooleanField(help_text="A contingent worker: reported apart.")),
                ("again", models.BooleanField(help_text="The same was asked before on the same offer.")),
                ("rejected", models.BooleanField()),
                ("said_rejected", models.BooleanField()),
                ("recruiter_id", models.BigIntegerField(null=True)),
                ("hiring_manager_id", models.BigIntegerField(null=True)),
                ("user_id", models.BigIntegerField(help_text="Who decided.", null=True)),
                (
                    "hours",
                    models.FloatField(help_text="From asking to the decision; empty where it lies before.", null=True),
                ),
                ("said_hours", models.FloatField(help_text="From asking to what this person decided.", null=True)),
                (
                    "decided_on",
                    models.DateField(help_text="Of the step; empty where the row stands for no step.", null=True),
                ),
                ("said_on", models.DateField(null=True)),
                ("employment_type", models.CharField(max_length=10)),
                ("candidate_type", models.CharField(max_length=8)),
                ("role", models.CharField(max_length=20)),
                ("business_unit", models.CharField(max_length=80)),
                ("role_family", models.CharField(max_length=80)),
                ("role_code", models.CharField(max_length=40)),
                ("grade", models.CharField(max_length=20)),
                ("location", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("priority", models.CharField(max_length=8)),
                ("engagement", models.CharField(max_length=40)),
                ("delivery_model", models.CharField(max_length=10)),
                ("fee_model", models.CharField(max_length=10)),
                ("source_channel", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["client", "offer"], name="step_fact_of_offer"),
                    models.Index(
                        condition=models.Q(("contingent", False), ("decided_on__isnull", False), ("internal", False)),
                        fields=["client", "decided_on"],
                        include=("hours", "rejected", "again"),
                        name="step_fact_by_decision",
                    ),
                ],
            },
        ),
        Walls(["CounterFact", "StepFact"]),
        # The next refresh starts from the beginning: the new facts of every offer are still missing.
        migrations.RunSQL("UPDATE analytics_freshness SET marks = '{}'", migrations.RunSQL.noop),
    ]
