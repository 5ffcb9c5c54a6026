"""Rows for tests: valid by default, at fixed instants, of one client from top to bottom.

Name the nearest parent (`OfferVersionFactory(offer=offer)`) or, further up, `offer__client=client`; the client comes
from the parent. A factory works in any scope: it adds the row's own client for as long as it writes.
"""

from django.db.models import Model
from factory.django import DjangoModelFactory

from tests.factories.base import *  # noqa: F403
from tests.factories.facts import *  # noqa: F403
from tests.factories.rules import *  # noqa: F403
from tests.factories.work import *  # noqa: F403


def of(model: type[Model]) -> type[DjangoModelFactory]:
    """The factory of a model. Raises LookupError where it has none yet."""
    found = (each for each in globals().values() if isinstance(each, type) and issubclass(each, DjangoModelFactory))
    for each in found:
        if each._meta.model is model and not each._meta.abstract:
            return each
    raise LookupError(f"Write a factory for {model.__name__} in tests/factories")
