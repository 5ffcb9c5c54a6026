"""Addresses of the policy builder. They carry ids and short names of rules only."""

from django.urls import path

from governance.views import policies, policy_parts, policy_publish

app_name = "policies"
urlpatterns = [
    path("new/", policies.start, name="start"),
    path("schema.json", policies.schema, name="schema"),
    path("<int:pk>/", policies.overview, name="policy"),
    path("<int:pk>/document.json", policies.document, name="document"),
    path("<int:pk>/revise/", policies.revise, name="revise"),
    path("<int:pk>/settings/", policy_parts.settings, name="settings"),
    path("<int:pk>/otherwise/", policy_parts.otherwise, name="otherwise"),
    path("<int:pk>/rule/", policy_parts.rule, name="rule-new"),
    path("<int:pk>/rules/<slug:key>/", policy_parts.rule, name="rule"),
    path("<int:pk>/rules/<slug:key>/move/", policies.move, name="move"),
    path("<int:pk>/rules/<slug:key>/remove/", policies.remove, name="remove"),
    path("<int:pk>/publish/", policy_publish.publish, name="publish"),
    path("<int:pk>/compare/", policy_publish.compare, name="compare"),
]
