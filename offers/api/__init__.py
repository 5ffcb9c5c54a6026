"""Offers, requisitions and candidates, approvals, clocks and escalations, through the API."""
