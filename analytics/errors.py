"""Errors of insight that people see: what was asked, why it cannot be told, what to ask instead."""


class ReportError(Exception):
    """A report that cannot be given as asked."""


class UnknownReport(ReportError):
    """There is no report of this name."""


class WrongUsage(ReportError):
    """A period or a dimension that means nothing."""
