"""Facts of offers for reports, how fresh they are, and findings."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import governance.walls
from governance.walls import Walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("governance", "0004_api"),
        ("offers", "0005_own_job_costs_references"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        governance.walls.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dim", models.CharField(max_length=20, verbose_name="dimension")),
                ("value", models.CharField(max_length=120)),
                ("theme", models.CharField(max_length=24)),
                ("review_on", models.DateField(verbose_name="look again on")),
                (
                    "since",
                    models.DateField(blank=True, help_text="The first day of the period that showed it.", null=True),
                ),
                ("found_on", models.DateField(help_text="The day it was sent back: before and after are cut here.")),
                (
                    "status",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=6),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("review_on", "id"),
            },
        ),
        governance.walls.CreateModel(
            name="FindingEvent",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("dim", models.CharField(max_length=20, verbose_name="dimension")),
                ("value", models.CharField(max_length=120)),
                ("theme", models.CharField(max_length=24)),
                ("review_on", models.DateField(verbose_name="look again on")),
                (
                    "since",
                    models.DateField(blank=True, help_text="The first day of the period that showed it.", null=True),
                ),
                ("found_on", models.DateField(help_text="The day it was sent back: before and after are cut here.")),
                (
                    "status",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=6),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="governance.client",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="analytics.finding",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        governance.walls.CreateModel(
            name="Freshness",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("refreshed_at", models.DateTimeField()),
                ("facts", models.PositiveIntegerField(default=0)),
                ("marks", models.JSONField(default=dict)),
                ("next_marks", models.JSONField(default=dict)),
                ("next_xid", models.BigIntegerField(default=0)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "freshness",
            },
        ),
        governance.walls.CreateModel(
            name="OfferFact",
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
                ("hours_client_hr", models.FloatField()),
                ("hours_finance", models.FloatField()),
                ("hours_hiring_manager", models.FloatField()),
                ("hours_candidate", models.FloatField()),
                ("hours_provider", models.FloatField()),
                ("detected", models.SmallIntegerField(help_text="Confirmed ways around that Handoff detected.")),
                ("reported", models.SmallIntegerField()),
                ("ratified", models.SmallIntegerField()),
                ("retracted", models.SmallIntegerField()),
                ("disclosed", models.SmallIntegerField()),
                ("internal", models.BooleanField(help_text="An internal move: reported apart.")),
                ("contingent", models.BooleanField(help_text="A contingent worker: reported apart.")),
                ("imported", models.BooleanField()),
                ("planned_end", models.BooleanField(help_text="Left at the planned end of a fixed term.")),
                ("answer_contradicts", models.BooleanField(help_text="The answer lies before the letter.")),
                ("answered", models.BooleanField(help_text="A letter and a final answer of the candidate.")),
                ("accepted", models.BooleanField(help_text="The first final answer was yes.")),
                (
                    "lost",
                    models.BooleanField(help_text="Declined, expired or withdrawn after the candidate had heard."),
                ),
                ("contingency_failed", models.BooleanField()),
                ("awaited", models.BooleanField(help_text="Accepted, and not started.")),
                ("joined", models.BooleanField()),
                ("reneged", models.BooleanField(help_text="Withdrew after acceptance, or never came.")),
                (
                    "has_outcome",
                    models.BooleanField(
                        help_text="Known to have been approved, and ended: what the closed rate is of."
                    ),
                ),
                ("overridden", models.BooleanField(help_text="A way around the process was confirmed.")),
                ("captured", models.BooleanField(help_text="A theme and a reason within five working days.")),
                ("evergreen", models.BooleanField()),
                ("below_reference", models.BooleanField(help_text="More than 5 % below.")),
                ("outside_band", models.BooleanField()),
                ("unknown_reference", models.BooleanField()),
                ("renegotiated", models.BooleanField(help_text="Terms changed after the first letter.")),
                ("recruiter_id", models.BigIntegerField(null=True)),
                ("hiring_manager_id", models.BigIntegerField(null=True)),
                ("verbal_at", models.DateTimeField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "hours",
                    models.FloatField(help_text="Verbal approval to first letter, where both are sure.", null=True),
                ),
                ("sla_due_at", models.DateTimeField(null=True)),
                ("contract_due_at", models.DateTimeField(null=True)),
                ("sla_stopped_at", models.DateTimeField(null=True)),
                ("market_ratio", models.FloatField(null=True)),
                ("compa_ratio", models.FloatField(null=True)),
                ("verbal_on", models.DateField(null=True)),
                ("written_on", models.DateField(null=True)),
                ("decided_on", models.DateField(null=True)),
                ("start_on", models.DateField(help_text="Planned.", null=True)),
                ("joined_on", models.DateField(null=True)),
                ("left_on", models.DateField(null=True)),
                ("opened_on", models.DateField(null=True)),
                ("applied_on", models.DateField(null=True)),
                ("sla_due_on", models.DateField(help_text="The elapsed target.", null=True)),
                ("contract_due_on", models.DateField(null=True)),
                (
                    "judged_on",
                    models.DateField(
                        help_text="The letter's day, or the end of an offer that never had one.", null=True
                    ),
                ),
                ("productive_on", models.DateField(null=True)),
                ("productive_target_on", models.DateField(null=True)),
                ("satisfaction", models.SmallIntegerField(null=True)),
                ("manager_rating", models.SmallIntegerField(null=True)),
                ("left_voluntary", models.BooleanField(null=True)),
                (
                    "sla_done",
                    models.BooleanField(help_text="Stopped by the letter; false: the offer ended first.", null=True),
                ),
                ("employment_type", models.CharField(max_length=10)),
                ("candidate_type", models.CharField(max_length=8)),
                ("status", models.CharField(max_length=12)),
                (
                    "gap",
                    models.CharField(
                        choices=[
                            ("", "Known"),
                            ("missing", "The verbal approval is missing"),
                            ("inferred", "The verbal approval is inferred"),
                            ("contradicts", "The instants contradict"),
                        ],
                        max_length=11,
                    ),
                ),
                ("theme", models.CharField(max_length=24)),
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
        ),
        governance.walls.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("client", "dim", "value", "theme"),
                name="finding_once",
                violation_error_message="This is with sourcing already, and not reviewed yet.",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_on__gt", models.F("found_on"))),
                name="finding_review_later",
                violation_error_message="The day to look again lies after today.",
            ),
        ),
        governance.walls.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analytics_findingevent" ("client_id", "dim", "found_on", "id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_on", "since", "status", "theme", "value") SELECT new_values."client_id", new_values."dim", new_values."found_on", new_values."id", new_values."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."review_on", new_values."since", new_values."status", new_values."theme", new_values."value" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9e671c5b6e20ebc1dd91c114beb08dde49b5f01c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ec566",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="analytics_finding",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analytics_findingevent" ("client_id", "dim", "found_on", "id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_on", "since", "status", "theme", "value") SELECT new_values."client_id", new_values."dim", new_values."found_on", new_values."id", new_values."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."review_on", new_values."since", new_values."status", new_values."theme", new_values."value" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7f7de0427469600eb1db1372d0eddfd9db25669f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_25f16",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="analytics_finding",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analytics_findingevent" ("client_id", "dim", "found_on", "id", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_on", "since", "status", "theme", "value") SELECT old_values."client_id", old_values."dim", old_values."found_on", old_values."id", old_values."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."review_on", old_values."since", old_values."status", old_values."theme", old_values."value" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e4e8bd4719130b2bfbfdd0dc1cafab53e1b45a12",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f198e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="analytics_finding",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="findingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7371c07c3728cf4f7eca5d88a1768f834b75e038",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a64af",
                    table="analytics_findingevent",
                    when="BEFORE",
                ),
            ),
        ),
        governance.walls.AddConstraint(
            model_name="freshness",
            constraint=models.UniqueConstraint(fields=("client",), name="freshness_of_client"),
        ),
        governance.walls.AddIndex(
            model_name="offerfact",
            index=models.Index(fields=["client", "decided_on"], name="fact_by_decision"),
        ),
        governance.walls.AddIndex(
            model_name="offerfact",
            index=models.Index(fields=["client", "written_on"], name="fact_by_letter"),
        ),
        governance.walls.AddConstraint(
            model_name="offerfact",
            constraint=models.UniqueConstraint(fields=("client", "offer"), name="fact_of_offer"),
        ),
        Walls(["Finding", "FindingEvent", "Freshness", "OfferFact"]),
    ]
