"""Errors that people see: what happened, which rule says so, what to do next."""


class OfferError(Exception):
    """Base of what a verb refuses. `field` names the input at fault, where one is."""

    def __init__(self, message: str, *, rule: str = "", next_step: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.next_step = next_step
        self.field = field

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.next_step) if part)


class NotInThisState(OfferError):
    """The life of an offer does not allow the action in its status, or a guard of the table stands against it."""


class NotYours(OfferError):
    """The person may not do this: another role's, another person's, or their own work to approve."""


class AlreadyDecided(OfferError):
    """Somebody was faster; says who and when."""


class BadInput(OfferError):
    """A value that cannot be taken; `field` names it."""


class NotReady(OfferError):
    """Something that must come first is missing."""
