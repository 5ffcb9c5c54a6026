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
                ("business_unit", models.CharField(max_length=80)),
                ("role_family", models.CharField(max_length=80)),
                ("role_code", models.CharField(max_length=40)),
                ("grade", models.CharField(max_length=20)),
                ("location", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("priority", models.CharField(max_length=8)),
                ("employment_type", models.CharField(max_length=10)),
                ("candidate_type", models.CharField(max_length=8)),
                ("engagement", models.CharField(max_length=40)),
                ("delivery_model", models.CharField(max_length=10)),
                ("fee_model", models.CharField(max_length=10)),
                ("source_channel", models.CharField(max_length=80)),
                ("recruiter_id", models.BigIntegerField(null=True)),
                ("hiring_manager_id", models.BigIntegerField(null=True)),
                ("origin", models.CharField(max_length=18)),
                ("countered_on", models.DateField()),
                ("inside_guardrail", models.BooleanField(help_text="Empty before there was one.", null=True)),
                ("closed", models.BooleanField(help_text="It ended with a yes.")),
                ("dropped", models.BooleanField(help_text="The candidate was lost.")),
                (
                    "hours",
                    models.FloatField(
                        help_text="To the answer; empty without one, or where it lies before.", null=True
                    ),
                ),
                ("contradicts", models.BooleanField(help_text="The answer lies before the counter-offer.")),
                ("uplift", models.FloatField(help_text="Agreed over offered base, less 1.", null=True)),
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
            ],
            options={
                "indexes": [models.Index(fields=["client", "offer"], name="counter_fact_of_offer")],
            },
        ),
        CreateModel(
            name="StepFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("business_unit", models.CharField(max_length=80)),
                ("role_family", models.CharField(max_length=80)),
                ("role_code", models.CharField(max_length=40)),
                ("grade", models.CharField(max_length=20)),
                ("location", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("priority", models.CharField(max_length=8)),
                ("employment_type", models.CharField(max_length=10)),
                ("candidate_type", models.CharField(max_length=8)),
                ("engagement", models.CharField(max_length=40)),
                ("delivery_model", models.CharField(max_length=10)),
                ("fee_model", models.CharField(max_length=10)),
                ("source_channel", models.CharField(max_length=80)),
                ("recruiter_id", models.BigIntegerField(null=True)),
                ("hiring_manager_id", models.BigIntegerField(null=True)),
                ("role", models.CharField(max_length=20)),
                ("again", models.BooleanField(help_text="The same was asked before on the same offer.")),
                (
                    "decided_on",
                    models.DateField(help_text="Of the step; empty where the row stands for no step.", null=True),
                ),
                (
                    "hours",
                    models.FloatField(help_text="From asking to the decision; empty where it lies before.", null=True),
                ),
                ("rejected", models.BooleanField()),
                ("user_id", models.BigIntegerField(help_text="Who decided.", null=True)),
                ("said_on", models.DateField(null=True)),
                ("said_hours", models.FloatField(help_text="From asking to what this person decided.", null=True)),
                ("said_rejected", models.BooleanField()),
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
            ],
            options={
                "indexes": [models.Index(fields=["client", "offer"], name="step_fact_of_offer")],
            },
        ),
        Walls(["CounterFact", "StepFact"]),
        # The next refresh starts from the beginning: the new facts of every offer are still missing.
        migrations.RunSQL("UPDATE analytics_freshness SET marks = '{}'", migrations.RunSQL.noop),
    ]
