"""Rules as data: one validated JSON document a version, immutable once published. What is in flight keeps its own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from governance import guardrails, ladder, policy, sow_schema
from governance.builder.checks import check
from governance.history import tracked
from governance.models.base import ClientOwned
from governance.models.identity import Engagement, User
from governance.programme import load
from governance.walls import TenantKey

KINDS = frozenset({"embedded", "project", "union"})  # of recruiter, and step scales
KEEP_PUBLISHED = pgtrigger.Protect(
    name="keep_published",
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Q(old__published_at__isnull=False),
)


class VersionedQuerySet(models.QuerySet[Any]):
    def published(self) -> "VersionedQuerySet":
        return self.filter(published_at__isnull=False)

    def current(self, client_id: int, name: str = "") -> Any:
        """The version in force, or None: the one published last, as governance/programme.py reads it."""
        rows = self.published().filter(client_id=client_id)
        return (rows.filter(name=name) if name else rows).order_by("-published_at", "-version", "-pk").first()


class VersionedRule(ClientOwned):
    """A version of a document. Editing makes a new version; publishing freezes it, in the database too."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    document = models.JSONField()
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("client", "name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("client", "name", "version"), name="%(class)s_version"),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(version__gte=1), name="%(class)s_published_has_version"
            ),
        )
        triggers = (KEEP_PUBLISHED,)

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @staticmethod
    def problems(document: Any) -> list[str]:
        """What is wrong with the document, in words; empty when it can be published."""
        raise NotImplementedError

    def refusals(self) -> list[str]:
        """Why a sound document cannot work at this client, in words; empty when it can."""
        return []

    def clean(self) -> None:
        if self.published_at:
            raise ValidationError("This version is published and cannot change: make a new version of it.")
        if found := self.problems(self.document):
            raise ValidationError({"document": found})

    def publish(self, *, actor: User | None, now: datetime) -> None:
        """Freeze this version: it rules everything that starts from now on."""
        self.clean()
        if found := self.refusals():
            raise ValidationError(found)
        self.published_at, self.published_by = now, actor
        self.save(update_fields=["published_at", "published_by"])


@tracked()
class ApprovalPolicy(VersionedRule):
    """Which reviews an offer needs, and why (governance/policy.py)."""

    class Meta(VersionedRule.Meta):
        verbose_name_plural = "approval policies"

    @staticmethod
    def problems(document: Any) -> list[str]:
        return [f"{problem.path}: {problem.message}" for problem in policy.validate(document)]

    def refusals(self) -> list[str]:
        """A role that nobody holds, more people than hold it, somebody who is no member, a rule that cannot hold."""
        programme = load(self.client_id)
        users = User.objects.filter(pk__in=[member.user for member in programme.members])
        verdict = check(self.document, programme, {user.pk: str(user) for user in users})
        return [remark.message for remark in verdict.refusals]


@tracked()
class Guardrail(VersionedRule):
    """How far a recruiter may move by themselves (governance/guardrails.py)."""

    @staticmethod
    def problems(document: Any) -> list[str]:
        if not isinstance(document, Mapping):
            return ["A guardrail says for embedded, project and union what each may grant, or null for nothing."]
        families = document.get("families", {})
        if not isinstance(families, Mapping):
            return ["“families” says for each role family what its recruiters may grant."]
        problems = Guardrail._of_kinds({key: value for key, value in document.items() if key != "families"})
        for family, own in families.items():
            found = Guardrail._of_kinds(own) if isinstance(own, Mapping) else ["say embedded, project or union."]
            problems += [f"{family}: {problem}" for problem in found]
        return problems

    @staticmethod
    def _of_kinds(document: Mapping[str, Any]) -> list[str]:
        problems = [
            f"“{kind}” is not known here: say embedded, project or union." for kind in document if kind not in KINDS
        ]
        for kind in KINDS & document.keys():
            if document[kind] is not None:
                problems += [f"{kind}: {problem.message}" for problem in guardrails.validate(document[kind])]
        return problems

    @staticmethod
    def grants(document: Mapping[str, Any], kind: str, role_family: str) -> Mapping[str, Any] | None:
        """What recruiters of this kind may grant in the role family: its own where it has one, else the client's."""
        own = document.get("families", {}).get(role_family, {})
        found: Mapping[str, Any] | None = own[kind] if kind in own else document.get(kind)
        return found


@tracked()
class EscalationPath(VersionedRule):
    """Who hears of a stuck offer after how many hours (governance/ladder.py)."""

    @staticmethod
    def problems(document: Any) -> list[str]:
        return ladder.validate_path(document)


@tracked()
class ServiceLevel(VersionedRule):
    """How fast each stage has to be, by priority (governance/ladder.py)."""

    @staticmethod
    def problems(document: Any) -> list[str]:
        return ladder.validate_service_level(document)


@tracked()
class StatementOfWork(VersionedRule):
    """Who does what under an engagement, from when (governance/sow.py). What is in flight keeps its own version."""

    engagement = TenantKey(Engagement, models.PROTECT, related_name="agreements")
    valid_from = models.DateField("in force from")
    valid_to = models.DateField("in force until", null=True, blank=True, help_text="The last day; empty: open.")

    class Meta(VersionedRule.Meta):
        verbose_name = "statement of work"
        verbose_name_plural = "statements of work"
        constraints = (  # type: ignore[assignment]
            *VersionedRule.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="statementofwork_order",
                violation_error_message="The statement of work ends before it begins.",
            ),
        )

    @staticmethod
    def problems(document: Any) -> list[str]:
        return [problem.message for problem in sow_schema.validate(document)]

    def out_of_force(self, today: date) -> tuple[str, str]:
        """Kind and text for a published version that does not count on this day of the client's."""
        if self.valid_from > today:
            return "info", "Begins later"
        return "quiet", "Ended" if self.valid_to and self.valid_to < today else "Replaced"
