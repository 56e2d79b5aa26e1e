"""The desk's pages for companies, people and the training register (stock admin)."""

# Imported for what they register, which is taken out again below.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import companies, people, register

# Groups are not used (rights follow the role); addresses are the account's own; second factors
# are secrets that no page may show; sessions are ended from the person.
for _model in (Group, EmailAddress, Authenticator, UserSession):
    admin.site.unregister(_model)

__all__ = ["companies", "people", "register"]
