"""Settings, addresses, the Celery app and the embedded services: what wires the apps together."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
