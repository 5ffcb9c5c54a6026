"""`migrate` runs as the owner of the tables; everything else puts on the application role."""

from typing import Any

from django.core.management.commands import migrate

from governance.tenancy import as_owner


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> Any:
        with as_owner():  # from the checks on: they ask the database too, and an empty one has no application role yet
            return super().execute(*args, **options)
