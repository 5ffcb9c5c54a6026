"""The rules and the people in the admin. Every list stands on governance.scoping.ScopedAdmin."""

from governance.admin import calendars, pay, people, rules, tokens

__all__ = ["calendars", "pay", "people", "rules", "tokens"]
