"""What an offer is offered as where its requisition says otherwise; costs, reviews of hires; references of files."""

import django.core.validators
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import governance.models.base
import governance.walls
from governance.walls import Walls


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_api"),
        ("offers", "0004_override"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        governance.walls.CreateModel(
            name="Cost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="The first day of the month it is booked in.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("internal", "Internal recruiting"),
                            ("technology", "Technology"),
                            ("management_fee", "Management fee"),
                            ("success_fee", "Success fee"),
                            ("agency", "Agency"),
                            ("channel", "Channel"),
                            ("referral", "Referral"),
                            ("screening", "Screening"),
                            ("relocation", "Relocation"),
                            ("sign_on", "Sign-on"),
                            ("rebate", "Rebate"),
                            ("other", "Other"),
                        ],
                        max_length=14,
                    ),
                ),
                ("amount", governance.models.base.MoneyField(decimal_places=4, max_digits=16)),
                (
                    "currency",
                    governance.models.base.CurrencyField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Give the three capital letters of ISO 4217, such as USD."
                            )
                        ],
                    ),
                ),
                ("source_channel", models.CharField(blank=True, help_text="Empty: not of one channel.", max_length=80)),
                ("business_unit", models.CharField(blank=True, help_text="Empty: not of one unit.", max_length=80)),
            ],
            options={
                "ordering": ("-month", "kind", "source_channel", "business_unit"),
            },
        ),
        governance.walls.CreateModel(
            name="CostEvent",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("month", models.DateField(help_text="The first day of the month it is booked in.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("internal", "Internal recruiting"),
                            ("technology", "Technology"),
                            ("management_fee", "Management fee"),
                            ("success_fee", "Success fee"),
                            ("agency", "Agency"),
                            ("channel", "Channel"),
                            ("referral", "Referral"),
                            ("screening", "Screening"),
                            ("relocation", "Relocation"),
                            ("sign_on", "Sign-on"),
                            ("rebate", "Rebate"),
                            ("other", "Other"),
                        ],
                        max_length=14,
                    ),
                ),
                ("amount", governance.models.base.MoneyField(decimal_places=4, max_digits=16)),
                (
                    "currency",
                    governance.models.base.CurrencyField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Give the three capital letters of ISO 4217, such as USD."
                            )
                        ],
                    ),
                ),
                ("source_channel", models.CharField(blank=True, help_text="Empty: not of one channel.", max_length=80)),
                ("business_unit", models.CharField(blank=True, help_text="Empty: not of one unit.", max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        governance.walls.CreateModel(
            name="HireReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "manager_rating",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="0 to 100, as the manager sees it.",
                        null=True,
                        verbose_name="manager's rating",
                    ),
                ),
                ("productive_target_on", models.DateField(blank=True, null=True, verbose_name="productive by")),
                ("productive_on", models.DateField(blank=True, null=True, verbose_name="productive since")),
            ],
            options={
                "ordering": ("offer",),
            },
        ),
        governance.walls.CreateModel(
            name="HireReviewEvent",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "manager_rating",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="0 to 100, as the manager sees it.",
                        null=True,
                        verbose_name="manager's rating",
                    ),
                ),
                ("productive_target_on", models.DateField(blank=True, null=True, verbose_name="productive by")),
                ("productive_on", models.DateField(blank=True, null=True, verbose_name="productive since")),
            ],
            options={
                "abstract": False,
            },
        ),
        governance.walls.RemoveTrigger(
            model_name="approval",
            name="insert_insert",
        ),
        governance.walls.RemoveTrigger(
            model_name="approval",
            name="update_update",
        ),
        governance.walls.RemoveTrigger(
            model_name="approval",
            name="delete_delete",
        ),
        governance.walls.RemoveTrigger(
            model_name="counteroffer",
            name="insert_insert",
        ),
        governance.walls.RemoveTrigger(
            model_name="counteroffer",
            name="update_update",
        ),
        governance.walls.RemoveTrigger(
            model_name="counteroffer",
            name="delete_delete",
        ),
        governance.walls.RemoveTrigger(
            model_name="offer",
            name="insert_insert",
        ),
        governance.walls.RemoveTrigger(
            model_name="offer",
            name="update_update",
        ),
        governance.walls.RemoveTrigger(
            model_name="offer",
            name="delete_delete",
        ),
        governance.walls.AddField(
            model_name="approval",
            name="external_id",
            field=models.CharField(
                blank=True, editable=False, help_text="Of a file.", max_length=60, verbose_name="reference"
            ),
        ),
        governance.walls.AddField(
            model_name="approvalevent",
            name="external_id",
            field=models.CharField(
                blank=True, editable=False, help_text="Of a file.", max_length=60, verbose_name="reference"
            ),
        ),
        governance.walls.AddField(
            model_name="counteroffer",
            name="external_id",
            field=models.CharField(
                blank=True, editable=False, help_text="Of a file.", max_length=60, verbose_name="reference"
            ),
        ),
        governance.walls.AddField(
            model_name="counteroffer",
            name="settled_base",
            field=governance.models.base.MoneyField(
                blank=True,
                decimal_places=4,
                editable=False,
                max_digits=16,
                null=True,
                verbose_name="base agreed, full-time a year",
            ),
        ),
        governance.walls.AddField(
            model_name="counterofferevent",
            name="external_id",
            field=models.CharField(
                blank=True, editable=False, help_text="Of a file.", max_length=60, verbose_name="reference"
            ),
        ),
        governance.walls.AddField(
            model_name="counterofferevent",
            name="settled_base",
            field=governance.models.base.MoneyField(
                blank=True,
                decimal_places=4,
                editable=False,
                max_digits=16,
                null=True,
                verbose_name="base agreed, full-time a year",
            ),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="business_unit",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="country",
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="grade",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="location",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="role_code",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        governance.walls.AddField(
            model_name="offer",
            name="role_family",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="business_unit",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="country",
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="grade",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="location",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="role_code",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        governance.walls.AddField(
            model_name="offerevent",
            name="role_family",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        governance.walls.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_approvalevent" ("alarm", "asked_at", "chain_id", "client_id", "decided_at", "due_at", "due_hours", "external_id", "id", "n", "of", "offer_id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "rules", "status", "step", "title") SELECT new_values."alarm", new_values."asked_at", new_values."chain_id", new_values."client_id", new_values."decided_at", new_values."due_at", new_values."due_hours", new_values."external_id", new_values."id", new_values."n", new_values."of", new_values."offer_id", new_values."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."reason", new_values."role", new_values."rules", new_values."status", new_values."step", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="232785f3bf3f4982c39f9d61e40d7a3a3630a8fc",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_32b32",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="offers_approval",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_approvalevent" ("alarm", "asked_at", "chain_id", "client_id", "decided_at", "due_at", "due_hours", "external_id", "id", "n", "of", "offer_id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "rules", "status", "step", "title") SELECT new_values."alarm", new_values."asked_at", new_values."chain_id", new_values."client_id", new_values."decided_at", new_values."due_at", new_values."due_hours", new_values."external_id", new_values."id", new_values."n", new_values."of", new_values."offer_id", new_values."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."reason", new_values."role", new_values."rules", new_values."status", new_values."step", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="cf444e954b98fbaac87747705c17a93b740c9850",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_32918",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="offers_approval",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_approvalevent" ("alarm", "asked_at", "chain_id", "client_id", "decided_at", "due_at", "due_hours", "external_id", "id", "n", "of", "offer_id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "rules", "status", "step", "title") SELECT old_values."alarm", old_values."asked_at", old_values."chain_id", old_values."client_id", old_values."decided_at", old_values."due_at", old_values."due_hours", old_values."external_id", old_values."id", old_values."n", old_values."of", old_values."offer_id", old_values."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."reason", old_values."role", old_values."rules", old_values."status", old_values."step", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="a44ac2e5faef1d8c0df66a01b7647dfc176a59a3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2bc26",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="offers_approval",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="counteroffer",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_counterofferevent" ("against_id", "answered_at", "asked_base", "asked_sign_on", "client_id", "countered_at", "currency", "external_id", "granted_by", "id", "inside_guardrail", "note_id", "offer_id", "origin", "outcome", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_base", "settled_id") SELECT new_values."against_id", new_values."answered_at", new_values."asked_base", new_values."asked_sign_on", new_values."client_id", new_values."countered_at", new_values."currency", new_values."external_id", new_values."granted_by", new_values."id", new_values."inside_guardrail", new_values."note_id", new_values."offer_id", new_values."origin", new_values."outcome", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."settled_base", new_values."settled_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7532beaaf70db04b7ba4e82aea00bef8ecf91717",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_300ea",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="offers_counteroffer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="counteroffer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_counterofferevent" ("against_id", "answered_at", "asked_base", "asked_sign_on", "client_id", "countered_at", "currency", "external_id", "granted_by", "id", "inside_guardrail", "note_id", "offer_id", "origin", "outcome", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_base", "settled_id") SELECT new_values."against_id", new_values."answered_at", new_values."asked_base", new_values."asked_sign_on", new_values."client_id", new_values."countered_at", new_values."currency", new_values."external_id", new_values."granted_by", new_values."id", new_values."inside_guardrail", new_values."note_id", new_values."offer_id", new_values."origin", new_values."outcome", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."settled_base", new_values."settled_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b28dc5c62e9dbf895913489787d52782707180a5",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e1b89",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="offers_counteroffer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="counteroffer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_counterofferevent" ("against_id", "answered_at", "asked_base", "asked_sign_on", "client_id", "countered_at", "currency", "external_id", "granted_by", "id", "inside_guardrail", "note_id", "offer_id", "origin", "outcome", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_base", "settled_id") SELECT old_values."against_id", old_values."answered_at", old_values."asked_base", old_values."asked_sign_on", old_values."client_id", old_values."countered_at", old_values."currency", old_values."external_id", old_values."granted_by", old_values."id", old_values."inside_guardrail", old_values."note_id", old_values."offer_id", old_values."origin", old_values."outcome", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."settled_base", old_values."settled_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e1abb558931ad4a5e3fe970dec05204b7397a5a7",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d4869",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="offers_counteroffer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_offerevent" ("applied_on", "business_unit", "candidate_id", "candidate_type", "client_id", "coordinator_id", "country", "created_at", "decided_at", "expected_currency", "expected_salary", "external_id", "first_approved_id", "flags", "grade", "hiring_manager_id", "id", "imported", "joined_on", "left_on", "left_reason", "left_voluntary", "letter_id", "location", "moved_at", "opening_ref", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "recruiter_id", "requisition_id", "revives_id", "role_code", "role_family", "satisfaction", "source_channel", "status", "verbal_approved_at", "verbal_basis", "verbal_offer_at", "version_id", "written_at") SELECT new_values."applied_on", new_values."business_unit", new_values."candidate_id", new_values."candidate_type", new_values."client_id", new_values."coordinator_id", new_values."country", new_values."created_at", new_values."decided_at", new_values."expected_currency", new_values."expected_salary", new_values."external_id", new_values."first_approved_id", new_values."flags", new_values."grade", new_values."hiring_manager_id", new_values."id", new_values."imported", new_values."joined_on", new_values."left_on", new_values."left_reason", new_values."left_voluntary", new_values."letter_id", new_values."location", new_values."moved_at", new_values."opening_ref", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."priority", new_values."recruiter_id", new_values."requisition_id", new_values."revives_id", new_values."role_code", new_values."role_family", new_values."satisfaction", new_values."source_channel", new_values."status", new_values."verbal_approved_at", new_values."verbal_basis", new_values."verbal_offer_at", new_values."version_id", new_values."written_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="67e887ec84e88d32c922b1ea9aa45cbdef04d5ee",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ba1dd",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_offerevent" ("applied_on", "business_unit", "candidate_id", "candidate_type", "client_id", "coordinator_id", "country", "created_at", "decided_at", "expected_currency", "expected_salary", "external_id", "first_approved_id", "flags", "grade", "hiring_manager_id", "id", "imported", "joined_on", "left_on", "left_reason", "left_voluntary", "letter_id", "location", "moved_at", "opening_ref", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "recruiter_id", "requisition_id", "revives_id", "role_code", "role_family", "satisfaction", "source_channel", "status", "verbal_approved_at", "verbal_basis", "verbal_offer_at", "version_id", "written_at") SELECT new_values."applied_on", new_values."business_unit", new_values."candidate_id", new_values."candidate_type", new_values."client_id", new_values."coordinator_id", new_values."country", new_values."created_at", new_values."decided_at", new_values."expected_currency", new_values."expected_salary", new_values."external_id", new_values."first_approved_id", new_values."flags", new_values."grade", new_values."hiring_manager_id", new_values."id", new_values."imported", new_values."joined_on", new_values."left_on", new_values."left_reason", new_values."left_voluntary", new_values."letter_id", new_values."location", new_values."moved_at", new_values."opening_ref", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."priority", new_values."recruiter_id", new_values."requisition_id", new_values."revives_id", new_values."role_code", new_values."role_family", new_values."satisfaction", new_values."source_channel", new_values."status", new_values."verbal_approved_at", new_values."verbal_basis", new_values."verbal_offer_at", new_values."version_id", new_values."written_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."applied_on" IS DISTINCT FROM (new_values."applied_on") OR old_values."business_unit" IS DISTINCT FROM (new_values."business_unit") OR old_values."candidate_id" IS DISTINCT FROM (new_values."candidate_id") OR old_values."candidate_type" IS DISTINCT FROM (new_values."candidate_type") OR old_values."client_id" IS DISTINCT FROM (new_values."client_id") OR old_values."coordinator_id" IS DISTINCT FROM (new_values."coordinator_id") OR old_values."country" IS DISTINCT FROM (new_values."country") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."decided_at" IS DISTINCT FROM (new_values."decided_at") OR old_values."expected_currency" IS DISTINCT FROM (new_values."expected_currency") OR old_values."expected_salary" IS DISTINCT FROM (new_values."expected_salary") OR old_values."external_id" IS DISTINCT FROM (new_values."external_id") OR old_values."first_approved_id" IS DISTINCT FROM (new_values."first_approved_id") OR old_values."flags" IS DISTINCT FROM (new_values."flags") OR old_values."grade" IS DISTINCT FROM (new_values."grade") OR old_values."hiring_manager_id" IS DISTINCT FROM (new_values."hiring_manager_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."imported" IS DISTINCT FROM (new_values."imported") OR old_values."joined_on" IS DISTINCT FROM (new_values."joined_on") OR old_values."left_on" IS DISTINCT FROM (new_values."left_on") OR old_values."left_reason" IS DISTINCT FROM (new_values."left_reason") OR old_values."left_voluntary" IS DISTINCT FROM (new_values."left_voluntary") OR old_values."letter_id" IS DISTINCT FROM (new_values."letter_id") OR old_values."location" IS DISTINCT FROM (new_values."location") OR old_values."moved_at" IS DISTINCT FROM (new_values."moved_at") OR old_values."opening_ref" IS DISTINCT FROM (new_values."opening_ref") OR old_values."priority" IS DISTINCT FROM (new_values."priority") OR old_values."recruiter_id" IS DISTINCT FROM (new_values."recruiter_id") OR old_values."requisition_id" IS DISTINCT FROM (new_values."requisition_id") OR old_values."revives_id" IS DISTINCT FROM (new_values."revives_id") OR old_values."role_code" IS DISTINCT FROM (new_values."role_code") OR old_values."role_family" IS DISTINCT FROM (new_values."role_family") OR old_values."satisfaction" IS DISTINCT FROM (new_values."satisfaction") OR old_values."source_channel" IS DISTINCT FROM (new_values."source_channel") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."verbal_approved_at" IS DISTINCT FROM (new_values."verbal_approved_at") OR old_values."verbal_basis" IS DISTINCT FROM (new_values."verbal_basis") OR old_values."verbal_offer_at" IS DISTINCT FROM (new_values."verbal_offer_at") OR old_values."version_id" IS DISTINCT FROM (new_values."version_id") OR old_values."written_at" IS DISTINCT FROM (new_values."written_at")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0f0093b1e66e62580f41a75b718d1583297ee071",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3503b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_offerevent" ("applied_on", "business_unit", "candidate_id", "candidate_type", "client_id", "coordinator_id", "country", "created_at", "decided_at", "expected_currency", "expected_salary", "external_id", "first_approved_id", "flags", "grade", "hiring_manager_id", "id", "imported", "joined_on", "left_on", "left_reason", "left_voluntary", "letter_id", "location", "moved_at", "opening_ref", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "recruiter_id", "requisition_id", "revives_id", "role_code", "role_family", "satisfaction", "source_channel", "status", "verbal_approved_at", "verbal_basis", "verbal_offer_at", "version_id", "written_at") SELECT old_values."applied_on", old_values."business_unit", old_values."candidate_id", old_values."candidate_type", old_values."client_id", old_values."coordinator_id", old_values."country", old_values."created_at", old_values."decided_at", old_values."expected_currency", old_values."expected_salary", old_values."external_id", old_values."first_approved_id", old_values."flags", old_values."grade", old_values."hiring_manager_id", old_values."id", old_values."imported", old_values."joined_on", old_values."left_on", old_values."left_reason", old_values."left_voluntary", old_values."letter_id", old_values."location", old_values."moved_at", old_values."opening_ref", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."priority", old_values."recruiter_id", old_values."requisition_id", old_values."revives_id", old_values."role_code", old_values."role_family", old_values."satisfaction", old_values."source_channel", old_values."status", old_values."verbal_approved_at", old_values."verbal_basis", old_values."verbal_offer_at", old_values."version_id", old_values."written_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2bf628981da262a5afd737702a25dfd8b47238e1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6af50",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="offers_offer",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("client", "external_id"),
                name="approval_reference",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="counteroffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("client", "external_id"),
                name="counter_reference",
            ),
        ),
        governance.walls.AddField(
            model_name="cost",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
            ),
        ),
        governance.walls.AddField(
            model_name="costevent",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="governance.client",
            ),
        ),
        governance.walls.AddField(
            model_name="costevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="offers.cost",
            ),
        ),
        governance.walls.AddField(
            model_name="hirereview",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
            ),
        ),
        governance.walls.AddField(
            model_name="hirereview",
            name="offer",
            field=governance.walls.TenantKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="offers.offer"
            ),
        ),
        governance.walls.AddField(
            model_name="hirereviewevent",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="governance.client",
            ),
        ),
        governance.walls.AddField(
            model_name="hirereviewevent",
            name="offer",
            field=governance.walls.TenantKey(
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="offers.offer",
            ),
        ),
        governance.walls.AddField(
            model_name="hirereviewevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="offers.hirereview",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="cost",
            constraint=models.UniqueConstraint(
                fields=("client", "month", "kind", "source_channel", "business_unit"),
                name="cost_once",
                violation_error_message="This month has an amount of this kind, channel and unit already: change it.",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="cost",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("kind", "rebate"), _connector="OR"),
                name="cost_sign",
                violation_error_message="Only a rebate is negative.",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="cost",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1)),
                name="cost_month",
                violation_error_message="Give the first day of the month.",
            ),
        ),
        governance.walls.AddTrigger(
            model_name="cost",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_costevent" ("amount", "business_unit", "client_id", "currency", "id", "kind", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_channel") SELECT new_values."amount", new_values."business_unit", new_values."client_id", new_values."currency", new_values."id", new_values."kind", new_values."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."source_channel" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="afd8d04260e94d4921808e39cc0444f3180a8294",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_52ef9",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="offers_cost",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="cost",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_costevent" ("amount", "business_unit", "client_id", "currency", "id", "kind", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_channel") SELECT new_values."amount", new_values."business_unit", new_values."client_id", new_values."currency", new_values."id", new_values."kind", new_values."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."source_channel" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a7387b37e88d6f479834cbb35f9a35dcf3603502",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4afe8",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="offers_cost",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="cost",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_costevent" ("amount", "business_unit", "client_id", "currency", "id", "kind", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_channel") SELECT old_values."amount", old_values."business_unit", old_values."client_id", old_values."currency", old_values."id", old_values."kind", old_values."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."source_channel" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5905a2a434117e9c5d3bc973c973b24b621e34f3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e9eb5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="offers_cost",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="costevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9d19c1c668305065e9f9d3aebd3bff26b191d994",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f75e7",
                    table="offers_costevent",
                    when="BEFORE",
                ),
            ),
        ),
        governance.walls.AddConstraint(
            model_name="hirereview",
            constraint=models.UniqueConstraint(
                fields=("client", "offer"),
                name="hire_review_once",
                violation_error_message="This hire has a review already: change that one.",
            ),
        ),
        governance.walls.AddConstraint(
            model_name="hirereview",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_rating", None), ("manager_rating__lte", 100), _connector="OR"),
                name="hire_review_rating",
                violation_error_message="The rating lies between 0 and 100.",
            ),
        ),
        governance.walls.AddTrigger(
            model_name="hirereview",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_hirereviewevent" ("client_id", "id", "manager_rating", "offer_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "productive_on", "productive_target_on") SELECT new_values."client_id", new_values."id", new_values."manager_rating", new_values."offer_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."id", new_values."productive_on", new_values."productive_target_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="4d1fa010a371552801a8c4cb7f5a457028465cf8",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0a1bd",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="offers_hirereview",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="hirereview",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_hirereviewevent" ("client_id", "id", "manager_rating", "offer_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "productive_on", "productive_target_on") SELECT new_values."client_id", new_values."id", new_values."manager_rating", new_values."offer_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."id", new_values."productive_on", new_values."productive_target_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="07f154827e5d643952040e357844707f97567227",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_65186",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="offers_hirereview",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="hirereview",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "offers_hirereviewevent" ("client_id", "id", "manager_rating", "offer_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "productive_on", "productive_target_on") SELECT old_values."client_id", old_values."id", old_values."manager_rating", old_values."offer_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', old_values."id", old_values."productive_on", old_values."productive_target_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="56631c8dfc32cc4cfc0a7d79119887c8f0ef094c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f4b99",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="offers_hirereview",
                    when="AFTER",
                ),
            ),
        ),
        governance.walls.AddTrigger(
            model_name="hirereviewevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="84ce99794eff96e8257d4097475ad7e1bba5eec5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_51640",
                    table="offers_hirereviewevent",
                    when="BEFORE",
                ),
            ),
        ),
        Walls(["Cost", "CostEvent", "HireReview", "HireReviewEvent"]),
    ]
