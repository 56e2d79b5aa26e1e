"""Reading people: who is on duty."""

from __future__ import annotations

from datetime import date

from accounts.models import Absence, Agency, User


def on_duty(agency: Agency, day: date) -> list[User]:
    """Whom the desk of an agency counts on that day (S11).

    Active engineers of the agency who are not absent, the substitutes of those who are; if that
    is nobody, all active engineers.
    """
    absences = {
        absence.engineer_id: absence.substitute
        for absence in Absence.objects.filter(starts_on__lte=day, ends_on__gte=day).select_related(
            "substitute"
        )
    }
    present: dict[int, User] = {}
    for engineer in User.objects.engineers().filter(agency=agency):
        person = absences.get(engineer.pk, engineer)
        if person is not None and person.is_active and person.pk not in absences:
            present[person.pk] = person
    return list(present.values()) or list(User.objects.engineers())
