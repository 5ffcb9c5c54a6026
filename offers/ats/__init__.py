"""Readers of applicant tracking systems: their words in, cells of an offers file out. Pure; offers/ingest writes."""
