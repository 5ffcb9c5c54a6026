"""What a case is: a function of the stage, whose docstring says the fault and what must hold ("fault. promise.")."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from config.faults.stage import Stage
from config.sink import until
from offers import tasks

Outcome = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    fault: str
    promise: str
    play: Callable[[Stage], Outcome]


def case(play: Callable[[Stage], Outcome]) -> Case:
    fault, _, promise = (play.__doc__ or "").partition(". ")
    return Case(play.__name__, fault, promise.rstrip("."), play)


def cases_of(module: ModuleType) -> list[Case]:
    """The cases of a module, in the order in which they stand there."""
    return [each for each in vars(module).values() if isinstance(each, Case)]


def told(stage: Stage) -> str:
    """Rows, mailbox and history in a few words."""
    rows = ", ".join(f"{n} {status}" for status, n in sorted(stage.rows().items())) or "no mail"
    copies = stage.sink.copies
    twice = sum(n - 1 for n in copies.values())
    history = "history agrees" if stage.history_agrees() else "history DIFFERS"
    return f"rows: {rows}; mailbox: {len(copies)} messages, {twice} second copies; {history}"


def each_once(stage: Stage, n: int) -> Outcome:
    """Every mail sent and arrived exactly once."""
    copies = stage.sink.copies
    return told(stage), stage.all_sent() and sorted(copies.values()) == [1] * n and stage.history_agrees()


def order() -> None:
    """What beat does: publish a task. It is done again where the broker has been away since the last time."""
    until(_publish, "the broker takes an order")


def ordered(stage: Stage) -> bool:
    """One tick of beat where mails still wait: whether all are sent now."""
    if not stage.all_sent():
        order()
        time.sleep(1)
    return stage.all_sent()


def _publish() -> bool:
    try:
        tasks.deliver.delay()
    except Exception:
        return False
    return True
