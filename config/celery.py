"""The Celery app. Beat is a metronome: the database knows what is due, so two beats or a lost broker harm nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("handoff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A run that could not start within its period is dropped: the next one finds the same rows.
    "sweep": {"task": "offers.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "deliver": {"task": "offers.tasks.deliver", "schedule": 10.0, "options": {"expires": 10}},
    "watch approvals": {"task": "offers.tasks.watch_approvals", "schedule": 60.0, "options": {"expires": 60}},
    "stale": {"task": "offers.tasks.warn_of_stale", "schedule": 3600.0, "options": {"expires": 3600}},
    "token-ends": {"task": "offers.tasks.warn_of_token_ends", "schedule": 3600.0, "options": {"expires": 3600}},
    "challenges": {"task": "offers.tasks.challenges", "schedule": 60.0, "options": {"expires": 60}},
    "audit": {"task": "offers.tasks.audit", "schedule": 60.0, "options": {"expires": 60}},
    "expire": {"task": "offers.tasks.expire", "schedule": 600.0, "options": {"expires": 600}},
    "facts": {"task": "analytics.tasks.refresh_facts", "schedule": 60.0, "options": {"expires": 60}},
    "books": {"task": "analytics.tasks.write_programme_books", "schedule": 3600.0, "options": {"expires": 3600}},
    "seal": {"task": "governance.tasks.seal", "schedule": 60.0, "options": {"expires": 60}},
    "forget-attempts": {"task": "governance.tasks.forget_attempts", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget-answers": {"task": "governance.tasks.forget_answers", "schedule": 3600.0, "options": {"expires": 3600}},
}
