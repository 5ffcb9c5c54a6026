"""In which zone somebody reads times: their own choice, else the zone of the first client they work for."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from governance.models import User

OUTSIDE = ("Etc/", "posix/", "right/", "SystemV/", "US/", "Factory", "localtime")


def zones() -> list[str]:
    """Zones named by a place, and UTC: what people would call theirs."""
    named = (name for name in available_timezones() if "/" in name and not name.startswith(OUTSIDE))
    return ["UTC", *sorted(named)]


class ZoneForm(forms.ModelForm):
    zone = forms.ChoiceField(label="Time zone", required=False, choices=())

    class Meta:
        model = User
        fields = ("zone",)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        names = [(name, name.replace("_", " ")) for name in zones()]
        self.fields["zone"].choices = [("", "That of the client"), *names]  # type: ignore[attr-defined]


@login_required
def zone(request: HttpRequest) -> HttpResponse:
    """Choose it; every page then writes times so, with the exact instant on hover."""
    form = ZoneForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        messages.success(request, f"Times are shown in {user.zone or 'the zone of your client'} from now on.")
        return redirect("admin:index")
    return render(request, "account/zone.html", {"form": form, "several": len(request.user.roles) > 1})  # type: ignore[union-attr]
