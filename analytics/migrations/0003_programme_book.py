import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models

from governance.walls import APP_ROLE, AddTrigger, CreateModel, Walls


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_fact_indexes"),
        ("governance", "0009_benchmark_rising"),
    ]

    operations = [
        CreateModel(
            name="ProgrammeBook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter", models.CharField(help_text="The last one that it covers, as 2026-Q3.", max_length=7)),
                ("since", models.DateField(help_text="The first day that it covers.")),
                ("until", models.DateField(help_text="The day after the last one.")),
                ("written_at", models.DateTimeField()),
                (
                    "tables",
                    models.JSONField(help_text="By kind of case and by cut: see analytics/programme_book.py."),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.client"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("client", "quarter"), name="programme_book_once")],
            },
        ),
        AddTrigger(
            model_name="programmebook",
            trigger=pgtrigger.compiler.Trigger(
                name="written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bb568ceb450f007715bc96d8701673ce405bc8e3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_written_once_73cf2",
                    table="analytics_programmebook",
                    when="BEFORE",
                ),
            ),
        ),
        Walls(["ProgrammeBook"]),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON analytics_programmebook FROM {APP_ROLE}", migrations.RunSQL.noop
        ),
    ]
