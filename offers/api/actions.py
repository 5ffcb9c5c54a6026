"""What can be done with an offer: each action reads its input, calls its verb and answers with the offer."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.once import PARAMETER, once
from offers import workflow
from offers.api import inputs
from offers.api.offers import OfOffers
from offers.api.serializers import OfferDetailSerializer
from offers.api.terms import as_terms
from offers.errors import BadInput, NotYours, OfferError
from offers.lifecycle import CONSEQUENCE
from offers.models import Offer
from offers.models.approvals import ApprovalStatus
from offers.queues import waiting_for

MORE = {
    "decide": "Approve, reject or return exactly the frozen terms; all but approving needs a comment.",
    "verbal_approval": "Records the hiring manager's yes: the first one starts the clock to the letter.",
    "verbal_offer": "Records that the candidate was told, and the answer.",
    "explain": "Records why the candidate was lost, or completes what is known of it.",
    "undo": "Takes back a misclick within 24 hours, as a recorded event.",
    "reassign": "Gives an approval that waits to another person in the same role.",
    "contingency": "Says where one contingency stands.",
    "leave": "Records that somebody who joined has left, or corrects it.",
    "take_back_leaving": "Says that the person is still there; what was recorded stays in the history.",
    "rate": "Records the candidate's own answer to how satisfied they were with the process.",
    "review_hire": "Records the whole review of a hire; what is left out is not known.",
}


class Action(OfOffers):
    """Base of every action. `verb` takes (offer id, *, actor, now, what the input gives)."""

    verb: ClassVar[Callable[..., Any]]

    def post(self, request: Request, pk: int) -> Response:
        offer = self.find(pk)
        return once(request, offer.client_id, lambda: (200, self.detail(self._act(offer))), keep=OfferError)

    def _act(self, offer: Offer) -> int:
        """Do it, and say which offer to answer with."""
        data: Any = self.read(offer)
        done = self.run(offer, data.kwargs(offer))
        return done.pk if isinstance(done, Offer) else offer.pk

    def read(self, offer: Offer) -> Any:
        data = self.get_serializer(data=self.request.data)
        data.is_valid(raise_exception=True)
        return data

    def run(self, offer: Offer, given: dict[str, Any]) -> Any:
        return type(self).verb(offer.pk, actor=self.request.user, now=timezone.now(), **given)


class Settle(Action):
    def run(self, offer: Offer, given: dict[str, Any]) -> Any:
        terms = as_terms(given["terms"], offer.version)
        return workflow.settle(offer.pk, terms, actor=self.request.user, now=timezone.now())


class Decide(Action):
    def run(self, offer: Offer, given: dict[str, Any]) -> Any:
        named, now = given.pop("approval", None), timezone.now()
        mine = offer.approvals.filter(pk=named) if named else waiting_for(self.request.user, now).filter(offer=offer)
        approval = mine.order_by("step", "pk").values_list("pk", flat=True).first()
        if approval is None:
            raise NotYours(
                "Nothing on this offer waits for you.", next_step="What does is at /api/v1/approvals.", field="approval"
            )
        verdict = given.pop("verdict")
        return workflow.decide(approval, verdict, actor=self.request.user, now=now, **given)


class OfApproval(Action):
    """What is done with an approval that waits, whomever it asks: the one that is named, or the only one."""

    def run(self, offer: Offer, given: dict[str, Any]) -> Any:
        named = given.pop("approval", None)
        waiting = offer.approvals.filter(pk=named) if named else offer.approvals.filter(status=ApprovalStatus.ASKED)
        found = list(waiting.order_by("step", "pk").values_list("pk", flat=True)[:2])
        if len(found) != 1:
            words = "Several approvals wait: say which." if found else "No such approval waits on this offer."
            raise BadInput(words, field="approval", next_step="They stand in the offer's approvals.")
        return type(self).verb(found[0], actor=self.request.user, now=timezone.now(), **given)


class Reassign(OfApproval):
    def read(self, offer: Offer) -> Any:
        return self.people(self.get_serializer(data=self.request.data), offer.client_id, ("to",))


class VerbalApproval(Action):
    def read(self, offer: Offer) -> Any:
        return self.people(self.get_serializer(data=self.request.data), offer.client_id, ("by",))


class Contingency(Action):
    def run(self, offer: Offer, given: dict[str, Any]) -> Any:
        with transaction.atomic():
            row = offer.contingencies.filter(kind=given["kind"]).values_list("pk", flat=True).first()
            return workflow.set_contingency(row or 0, given["status"], actor=self.request.user, now=timezone.now())


_TABLE: dict[str, tuple[type[Action], Callable[..., Any], type[inputs.Input]]] = {
    "submit": (Action, workflow.submit, inputs.Nothing),
    "decide": (Decide, workflow.decide, inputs.Decide),
    "skip": (OfApproval, workflow.skip, inputs.Skip),
    "reassign": (Reassign, workflow.reassign, inputs.Reassign),
    "recall": (Action, workflow.recall, inputs.Reason),
    "extend": (Action, workflow.extend, inputs.Extend),
    "revise": (Action, workflow.revise, inputs.Nothing),
    "counter": (Action, workflow.counter, inputs.Counter),
    "settle": (Settle, workflow.settle, inputs.Settle),
    "stand": (Action, workflow.stand, inputs.Reason),
    "prolong": (Action, workflow.prolong, inputs.Prolong),
    "accept": (Action, workflow.accept, inputs.At),
    "decline": (Action, workflow.decline, inputs.Loss),
    "expire": (Action, workflow.expire, inputs.Nothing),
    "withdraw": (Action, workflow.withdraw, inputs.Loss),
    "rescind": (Action, workflow.rescind, inputs.NeedsReason),
    "cancel": (Action, workflow.cancel, inputs.NeedsReason),
    "join": (Action, workflow.join, inputs.Join),
    "renege": (Action, workflow.renege, inputs.Explain),
    "reopen": (Action, workflow.reopen, inputs.Nothing),
    "verbal_approval": (VerbalApproval, workflow.record_verbal_approval, inputs.VerbalApproval),
    "verbal_offer": (Action, workflow.record_verbal_offer, inputs.VerbalOffer),
    "explain": (Action, workflow.explain, inputs.Explain),
    "undo": (Action, workflow.undo, inputs.Nothing),
    "leave": (Action, workflow.leave, inputs.Leave),
    "take_back_leaving": (Action, workflow.take_back_leaving, inputs.NeedsReason),
    "rate": (Action, workflow.rate, inputs.Rate),
    "review_hire": (Action, workflow.review_hire, inputs.ReviewHire),
    "contingency": (Contingency, workflow.set_contingency, inputs.Contingency),
}


def _view(name: str, base: type[Action], verb: Callable[..., Any], data: type[inputs.Input]) -> Any:
    says = MORE.get(name) or CONSEQUENCE[name]
    described = extend_schema(
        operation_id=f"offers_{name}", description=f"{says[:1].upper()}{says[1:]}".rstrip(".") + ".", request=data,
        parameters=[PARAMETER], responses={200: OfferDetailSerializer},
    )  # fmt: skip
    view: Any = type(f"{name.title().replace('_', '')}Offer", (base,), {"verb": staticmethod(verb)})
    view.serializer_class = data
    view.post = described(copy_of(base.post))
    return view


def copy_of(method: Any) -> Any:
    """The description hangs on the function, so each action has its own."""

    def post(self: Action, request: Request, pk: int) -> Response:
        return method(self, request, pk)

    return post


VIEWS = {name.replace("_", "-"): _view(name, *row) for name, row in _TABLE.items()}
