"""The forms of a workspace: which acts are possible now, each with its words and its fields.

The lifecycle's table decides; a form that came back with faults is shown whatever the table says
by now, because nothing typed is ever lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.forms import Form
from django.urls import resolve
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.unsent import Unsent
from files.forms import WaitingFilesForm
from foundation.wording import elided
from tickets.admin_forms.desk import (
    AssignForm,
    CopyForm,
    CorrectForm,
    DeclineForm,
    EscalationAnswerForm,
    GrantForm,
    LoggedCallForm,
    NoteForm,
    ReasonForm,
    ReplyForm,
    RequalifyForm,
    SolutionForm,
    WaitForm,
)
from tickets.admin_forms.linking import AttachForm
from tickets.admin_forms.subject import ProductForm
from tickets.enums import ANSWERS, Act, Side
from tickets.lifecycle import allowed
from tickets.models import Ticket
from tickets.queries.asking import Asks

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Words(NamedTuple):
    """How an act is offered. `tone` is its colour: customer, note or end."""

    name: str
    act: Act
    form: type[Form]
    tab: StrOrPromise
    icon: str
    button: StrOrPromise
    tone: str
    says: StrOrPromise


_WRITES = (
    Words(
        "reply", Act.MESSAGE, ReplyForm, _("Réponse au client"), "message",
        _("Envoyer au client"), "customer", "",
    ),
    Words(
        "log-call", Act.CALL, LoggedCallForm, _("Appel"), "phone",
        _("Enregistrer l’appel"), "customer",
        _("Le client lit ce que vous notez. En attente client, le délai court à nouveau dès le "
          "début de l’appel."),
    ),
    Words(
        "note", Act.NOTE, NoteForm, _("Note interne"), "lock",
        _("Enregistrer la note"), "note",
        _("Lue par le support seulement. Aucun client ne la voit, aucun e-mail ne part."),
    ),
    Words(
        "wait-customer", Act.WAIT_CUSTOMER, WaitForm, _("Attente client"),
        "waiting_customer", _("Mettre en attente client"), "customer",
        _("Le client reçoit ce que vous attendez de lui. La résolution est suspendue jusqu’à "
          "sa réponse."),
    ),
    Words(
        "wait-vendor", Act.WAIT_VENDOR, WaitForm, _("Attente éditeur"), "waiting_vendor",
        _("Mettre en attente éditeur"), "customer", _("Le client est prévenu."),
    ),
    Words(
        "resolve", Act.RESOLVE, SolutionForm, _("Résoudre"), "resolved",
        _("Envoyer la solution"), "customer",
        _("Le client lit la solution\u00a0; il l’accepte ou la refuse."),
    ),
    Words(
        "reopen", Act.REOPEN, ReasonForm, _("Rouvrir"), "refresh", _("Rouvrir l’incident"),
        "customer",
        _("L’incident repart avec des délais entiers. Le client lit le motif."),
    ),
    Words(
        "cancel", Act.CANCEL, ReasonForm, _("Annuler"), "cancelled", _("Annuler l’incident"),
        "end", _("Les délais en cours deviennent sans objet. Le client lit le motif."),
    ),
)  # fmt: skip

_ASSIGN = Words(
    "assign", Act.ASSIGN, AssignForm, _("Affecter à un collègue"), "user", _("Affecter"), "",
    _("Aucun délai ne change. Le client lit à qui l’incident est confié, jamais la note."),
)  # fmt: skip
_REQUALIFY = Words(
    "requalify", Act.REQUALIFY, RequalifyForm, _("Changer la criticité"), "alert",
    _("Changer la criticité"), "", _("Les délais en cours suivent. Le client lit le motif."),
)  # fmt: skip
_CORRECT = Words(
    "correct", Act.CORRECT, CorrectForm, _("Corriger la prise en charge"), "clock",
    _("Enregistrer la correction"), "",
    _("L’engagement est jugé de nouveau. Les e-mails déjà partis restent partis."),
)  # fmt: skip
_PRODUCT = Words(
    "correct-product", Act.CORRECT_SUBJECT, ProductForm, _("Corriger le produit"), "product",
    _("Corriger le produit"), "",
    _("Aucun délai ne change, aucun e-mail ne part. Le client lit le motif."),
)  # fmt: skip
_UNMERGE = Words(
    "unmerge", Act.UNMERGE, ReasonForm, _("Annuler la fusion"), "refresh", _("Annuler la fusion"),
    "", _("L’incident reprend là où il en était, avec le temps qui lui restait. Le client lit le "
          "motif."),
)  # fmt: skip
_ATTACH = Words(
    "attach", Act.ATTACH, AttachForm, _("Rattacher à un incident principal"), "arrow-right",
    _("Rattacher"), "", _("Aucun délai ne change, aucun client n’est prévenu. L’incident principal "
                          "peut être d’une autre société\u00a0: le client n’en apprend rien."),
)  # fmt: skip
_COPY = Words(
    "add-copy", Act.ADD_COPY, CopyForm, _("Ajouter une personne en copie"), "users",
    _("Ajouter"), "", _("Elle voit l’incident et en reçoit les e-mails, selon ses choix."),
)  # fmt: skip
_ANSWER = Words(
    "answer-escalation", Act.ANSWER_ESCALATION, EscalationAnswerForm, _("Répondre à l’escalade"),
    "message", _("Répondre à l’escalade"), "customer",
    _("Le client lit la réponse\u00a0; ceux qui suivent l’incident sont prévenus par e-mail."),
)  # fmt: skip
_GRANT = Words(
    "requalify", Act.REQUALIFY, GrantForm, _("Accepter"), "check", _("Changer la criticité"), "",
    _("Les délais en cours suivent. Le client lit le motif."),
)  # fmt: skip
_DECLINE = Words(
    "decline-severity", Act.DECLINE_SEVERITY, DeclineForm, _("Refuser"), "cross",
    _("Garder la criticité"), "", _("Aucun délai ne change. Le client lit le motif."),
)  # fmt: skip

_BESIDE = (_ASSIGN, _REQUALIFY, _PRODUCT, _CORRECT, _COPY, _ATTACH)

# The forms that answer the customer, by their name.
ANSWERING = frozenset(words.name for words in _WRITES if words.act in ANSWERS)

# What may be added to an incident however it has moved meanwhile.
_WHATEVER_THE_STATE = {Act.NOTE, Act.CALL, Act.ADD_COPY}
# The two that are always at hand, each in a box of its own; the others are fetched when opened.
_AT_HAND = {"reply", "note"}


@dataclass(frozen=True)
class Pane:
    """One act on the page: its words, its form, and whether it came back with faults."""

    words: Words
    make: Callable[[], Form]
    is_open: bool
    prefix: str = ""

    @cached_property
    def form(self) -> Form:
        """Made when it is drawn: most are fetched by a later request, or never."""
        form = self.make()
        # Several panes stand on one page: each field needs an id of its own.
        form.auto_id = f"{self.prefix or self.words.name}-%s"
        return form

    @property
    def is_at_hand(self) -> bool:
        """A box of its own, drawn with the page."""
        return self.words.name in _AT_HAND

    @property
    def depends_on_state(self) -> bool:
        """Whether it is refused when others have moved the incident since the page was drawn."""
        return self.words.act not in _WHATEVER_THE_STATE

    @property
    def url_name(self) -> str:
        return f"desk:{self.words.name}"

    @property
    def name(self) -> str:
        return self.words.name


def composer_of(ticket: Ticket, bound: Mapping[str, Form], at: datetime) -> list[Pane]:
    """What can be written now, the reply first; a form that came back with faults is open."""
    blank = _blanks(ticket, at)
    return [
        _pane(words, bound, blank.get(words.name, words.form))
        for words in _WRITES
        if _is_offered(ticket, words, bound)
    ]


def _pane(words: Words, bound: Mapping[str, Form], blank: Callable[[], Form]) -> Pane:
    found = bound.get(words.name)
    return Pane(words, blank if found is None else lambda: found, is_open=found is not None)


@dataclass(frozen=True)
class AskPanes:
    """The answers that customers wait for, as far as this person may give them."""

    answer: Pane | None
    grant: Pane | None
    decline: Pane | None


def ask_panes_of(asks: Asks, user: User, bound: Mapping[str, Form]) -> AskPanes:
    """Answering an escalation is the managers'; a form that came back is shown whatever is so."""
    answer = decline = grant = None
    if _ANSWER.name in bound or (asks.awaits_answer and user.is_manager):
        answer = _pane(_ANSWER, bound, EscalationAnswerForm)
    ask = asks.open_severity
    if ask is not None:
        agreed = _("Demande %(of_who)s acceptée.") % {"of_who": elided("de", str(ask.asked_by))}
        asked = {"severity": ask.wanted, "reason": agreed}
        grant = Pane(_GRANT, lambda: GrantForm(initial=asked), is_open=False, prefix="grant")
    if ask is not None or _DECLINE.name in bound:
        shown = {"ask_id": ask.pk} if ask is not None else {}
        decline = _pane(_DECLINE, bound, lambda: DeclineForm(initial=shown))
    return AskPanes(answer, grant, decline)


def _blanks(ticket: Ticket, at: datetime) -> dict[str, Callable[[], Form]]:
    """The forms that begin with something of the incident, or look it up."""
    taken_at = ticket.acknowledged_at or ticket.received_at
    return {
        "log-call": lambda: LoggedCallForm(None, ticket, at),
        "assign": lambda: AssignForm(None, ticket),
        "correct": lambda: CorrectForm(initial={"acknowledged_at": taken_at}),
        "correct-product": lambda: ProductForm(None, ticket),
        "add-copy": lambda: CopyForm(None, ticket),
        "attach": lambda: AttachForm(ticket=ticket),
    }


def retyped(kept: Unsent, ticket: Ticket, person: User, at: datetime) -> dict[str, Form]:
    """The form that was posted after the session had ended, by its name, as it was typed."""
    name = resolve(kept.address.partition("?")[0]).url_name
    known = (*_WRITES, _ANSWER, _DECLINE, *_BESIDE, _UNMERGE)
    words = next((words for words in known if words.name == name), None)
    if words is None:
        return {}
    form = _blanks(ticket, at).get(words.name, words.form)()
    form.initial.update(kept.initial)
    if isinstance(form, WaitingFilesForm) and kept.form_token:
        form.resume(person=person, form_token=kept.form_token)
    return {words.name: form}


def side_acts_of(ticket: Ticket, user: User, bound: Mapping[str, Form], at: datetime) -> list[Pane]:
    """What is done beside the conversation; correcting is the managers' (S14)."""
    blank = _blanks(ticket, at)
    corrects = user.is_manager or _CORRECT.name in bound
    return [
        _pane(words, bound, blank.get(words.name, words.form))
        for words in _BESIDE
        if _is_offered(ticket, words, bound) and (corrects or words is not _CORRECT)
    ]


def unmerge_of(ticket: Ticket, bound: Mapping[str, Form]) -> Pane | None:
    """The way back of a merged incident (S18)."""
    if ticket.merged_into_id is None and _UNMERGE.name not in bound:
        return None
    return _pane(_UNMERGE, bound, ReasonForm)


def _is_offered(ticket: Ticket, words: Words, bound: Mapping[str, Form]) -> bool:
    return words.name in bound or allowed(ticket.state, words.act, Side.ENGINEER) is not None
