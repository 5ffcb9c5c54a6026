from django.db import migrations

from governance.walls import GATHER_STATISTICS


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_reference_exception"),
    ]

    operations = [
        migrations.RunSQL(GATHER_STATISTICS, "DROP FUNCTION handoff_gather_statistics(bigint, text)"),
    ]
