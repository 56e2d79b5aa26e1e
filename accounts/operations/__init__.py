"""The acts on accounts. Each is one transaction and raises a Refusal with a French sentence."""

from accounts.operations.links import (
    accept_invitation,
    choose_lost_password,
    invite_person,
    renew_invitation,
    request_lost_password,
)
from accounts.operations.people import (
    change_address,
    close_account,
    correct_person,
    create_person,
    end_sessions,
    remove_second_factor,
    reopen_account,
    set_password,
    settle_memberships,
    update_profile,
)
from accounts.operations.team import (
    add_to_company,
    change_role,
    correct_membership,
    deactivate,
    invite,
    reactivate,
    reinvite,
    tell_of_all,
)

__all__ = [
    "accept_invitation",
    "add_to_company",
    "change_address",
    "change_role",
    "choose_lost_password",
    "close_account",
    "correct_membership",
    "correct_person",
    "create_person",
    "deactivate",
    "end_sessions",
    "invite",
    "invite_person",
    "reactivate",
    "reinvite",
    "remove_second_factor",
    "renew_invitation",
    "reopen_account",
    "request_lost_password",
    "set_password",
    "settle_memberships",
    "tell_of_all",
    "update_profile",
]
