"""Who: people who sign in, the clients they work for, and the rows that hold personal text."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from governance.access import Role, has_permission
from governance.history import tracked
from governance.models.base import ClientOwned, CurrencyField


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a person; without a password they can sign in only after a reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. What they may do comes from their memberships alone."""

    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=120)
    zone = models.CharField("time zone", max_length=60, blank=True, help_text="Empty: the client's own zone.")
    is_active = models.BooleanField("active", default=True, help_text="Off: signs in no more and is asked nothing.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "email")
        constraints = (
            models.UniqueConstraint(
                Lower("email"), name="user_email", violation_error_message="Somebody signs in with this e-mail already."
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """The portal is for members: whoever belongs to a client may open it."""
        return self.is_active and bool(self.roles)

    @property
    def is_superuser(self) -> bool:
        """There is no wildcard."""
        return False

    @property
    def roles(self) -> dict[int, frozenset[Role]]:
        """Active roles by client id, read once."""
        if not hasattr(self, "_roles"):
            found: dict[int, set[Role]] = {}
            active = self.memberships.filter(
                is_active=True
            ).order_by()  # ordered, it would join clients, behind the wall
            for client_id, role in active.values_list("client_id", "role"):
                found.setdefault(client_id, set()).add(Role(role))
            self._roles = {client_id: frozenset(roles) for client_id, roles in found.items()}
        return self._roles

    def only_at(self, client_id: int) -> None:
        """From here on this person has their roles at one client alone, as a token does."""
        self._roles = {pk: roles for pk, roles in self.roles.items() if pk == client_id}

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return has_permission(self, perm, obj)

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class LinkRule(models.TextChoices):
    """What a client asks of whoever decides from the link in a mail, before the decision counts."""

    LINK = "link", "Nothing more: the link is the person's own"
    CODE = "code", "A fresh code, sent to the same mailbox"
    SIGN_IN = "sign_in", "Signing in"


class ClientQuerySet(models.QuerySet["Client"]):
    def of(self, user: User) -> "ClientQuerySet":
        """The clients this person works for."""
        return self.filter(pk__in=user.roles)


@tracked()
class Client(models.Model):
    """A client company of the provider. Everything else belongs to one."""

    code = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", "Use letters, digits and dashes only.")],
        help_text="Letters, digits and dashes; commands and addresses name the client by it.",
    )
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166, such as US.")
    currency = CurrencyField(default="USD", help_text="The currency that thresholds are stated in.")
    zone = models.CharField("time zone", max_length=60, default="America/New_York")
    hours_divisor = models.PositiveSmallIntegerField(
        default=2080,
        choices=((2080, "2,080"), (2087, "2,087")),
        help_text="Working hours a year: hourly to annual pay.",
    )
    minimum_cell = models.PositiveSmallIntegerField(
        default=5, help_text="A figure over fewer offers than this is not shown in reports."
    )
    minimum_peers = models.PositiveSmallIntegerField(default=5, help_text="Peers are compared only from this many on.")
    pay_in_mail = models.BooleanField(default=True, help_text="Off: mails say who and what, and the figures stay here.")
    link_rule = models.CharField(
        "deciding from a mail asks for",
        max_length=7,
        choices=LinkRule.choices,
        default=LinkRule.LINK,
        help_text="Approvals, confirmations and acknowledgements by the link in a mail.",
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


@tracked()
class Membership(ClientOwned):
    """A person's role at one client."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    title = models.CharField(
        max_length=60, blank=True, help_text="Where a policy asks one by title: CFO, CHRO, Finance director …"
    )
    manager = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Escalations at level 2 go there too."
    )
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ("client", "role", "user")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "client", "role"),
                name="membership_once",
                violation_error_message="This person has this role at this client already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.title or self.get_role_display()}"


class DeliveryModel(models.TextChoices):
    PROGRAMME = "programme", "Programme"
    PROJECT = "project", "Project"


class FeeModel(models.TextChoices):
    MANAGEMENT = "management", "Monthly management fee"
    SUCCESS = "success", "Success fee"
    MIXED = "mixed", "Mixed"


@tracked()
class Engagement(ClientOwned):
    """What the provider does for a client: a programme or a project, with recruiters embedded or not."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    delivery_model = models.CharField(max_length=10, choices=DeliveryModel.choices, default=DeliveryModel.PROGRAMME)
    fee_model = models.CharField(max_length=10, choices=FeeModel.choices, default=FeeModel.MANAGEMENT)
    embedded = models.BooleanField(default=True, help_text="Embedded recruiters may move inside the guardrail.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("client", "name")
        constraints = (
            models.UniqueConstraint(fields=("client", "code"), name="engagement_code"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="engagement_order",
                violation_error_message="The engagement ends before it starts.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Person(ClientOwned):
    """A candidate's personal text: the only row that holds it, untracked, so that it can be erased."""

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name or "no name given"


class Note(ClientOwned):
    """Free text that people wrote (comments, verbatims, explanations), untracked, so that it can be erased."""

    text = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:60]
