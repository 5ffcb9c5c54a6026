"""Addresses of the pages beside the admin. They carry ids and names of actions, never pay or a person's name."""

from django.urls import path

from offers.views import (
    act,
    advice,
    board,
    board_acts,
    calendar_effect,
    coverage,
    decide,
    drafting,
    exceptions,
    holidays,
    inbox,
    mail,
    overrides,
    policy_trial,
    steps,
)

app_name = "offers"
urlpatterns = [
    path("waiting/", inbox.waiting, name="waiting"),
    path("waiting/together/", inbox.together, name="together"),
    path("stuck/", board.board, name="stuck"),
    path("stuck/<slug:name>/", board_acts.act, name="stuck-act"),
    path("standing/", drafting.preview, name="standing"),
    path("approvals/<int:pk>/", act.decide, name="decide"),
    path("coverage/", coverage.coverage_page, name="coverage"),
    path("approvals/<int:pk>/hand-on/", steps.hand_on, name="hand-on"),
    path("approvals/<int:pk>/skip/", steps.skip, name="skip"),
    path("advice/<int:pk>/", advice.advice, name="advice"),
    path("exceptions/new/", exceptions.record, name="exception"),
    path("overrides/<int:pk>/", overrides.override, name="override"),
    path("decide/<str:token>/", decide.by_link, name="link"),
    path("mail/<int:pk>/", mail.read, name="mail"),
    path("<int:pk>/standing/", drafting.preview, name="standing-of"),
    path("<int:pk>/terms/", drafting.edit_terms, name="terms"),
    path("<int:pk>/settle/", drafting.settle, name="settle"),
    path("<int:pk>/details/", act.details, name="details"),
    path("<int:pk>/contingency/", act.contingency, name="contingency"),
    path("<int:pk>/override/", act.act, {"name": "report-override"}, name="report-override"),
    path("<int:pk>/cases/", advice.cases, name="cases"),
    path("<int:pk>/do/<slug:name>/", act.act, name="act"),
    path("calendars/<int:pk>/holidays/", holidays.public, name="calendar-holidays"),
    path("calendars/<int:pk>/effect/", calendar_effect.effect, name="calendar-effect"),
    path("policies/<int:pk>/trial/", policy_trial.trial, name="policy-trial"),
]
