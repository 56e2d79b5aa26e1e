"""The engineers' acts, under /admin/incidents/."""

from django.urls import path

from tickets.admin_actions import (
    acts,
    asking,
    canned,
    following,
    linking,
    queue,
    saved_views,
    subject,
    upkeep,
)
from tickets.admin_actions.bulk import bulk
from tickets.admin_actions.calculator import calculator
from tickets.admin_actions.call import call
from tickets.admin_actions.customer_view import customer_view
from tickets.admin_actions.merge import merge
from tickets.admin_actions.workspace import ticket

app_name = "desk"
urlpatterns = [
    path("appel/", call, name="call"),
    path("echeance/", calculator, name="calculator"),
    path("groupe/", bulk, name="bulk"),
    path("file/", queue.refresh, name="queue"),
    path("vues/", saved_views.views, name="views"),
    path("vues/<int:view_id>/", saved_views.change, name="view"),
    path("vues/<int:view_id>/supprimer/", saved_views.delete, name="view-delete"),
    path("societe/<int:company_id>/", queue.company, name="company"),
    path("<str:reference>/", ticket, name="ticket"),
    path("<str:reference>/depuis/", following.since, name="since"),
    path("<str:reference>/precedents/", following.earlier, name="earlier"),
    path("<str:reference>/acte/<slug:name>/", following.pane, name="pane"),
    path("<str:reference>/e-mails/", following.mails, name="mails"),
    path("<str:reference>/parc/", following.park, name="park"),
    path("<str:reference>/solutions/", following.solutions, name="solutions"),
    path("<str:reference>/listes/", upkeep.checklists, name="checklists"),
    path("<str:reference>/listes/cocher/", upkeep.tick, name="tick"),
    path("<str:reference>/temps/", upkeep.time_spent, name="time"),
    path("<str:reference>/temps/noter/", upkeep.note_time, name="note-time"),
    path("<str:reference>/temps/retirer/", upkeep.remove_time, name="remove-time"),
    path("<str:reference>/vue-client/", customer_view, name="customer-view"),
    path("<str:reference>/prendre-en-charge/", acts.acknowledge, name="acknowledge"),
    path("<str:reference>/affecter/", acts.assign, name="assign"),
    path("<str:reference>/message/", acts.reply, name="reply"),
    path("<str:reference>/reprendre-la-reponse/", acts.withdraw, name="withdraw"),
    path("<str:reference>/reponses-types/", canned.canned_list, name="canned"),
    path("<str:reference>/reponse-type/", canned.use_canned, name="use-canned"),
    path("<str:reference>/appel/", acts.log_call, name="log-call"),
    path("<str:reference>/note/", acts.note, name="note"),
    path("<str:reference>/attendre-client/", acts.wait_customer, name="wait-customer"),
    path("<str:reference>/attendre-editeur/", acts.wait_vendor, name="wait-vendor"),
    path("<str:reference>/reprendre/", acts.resume, name="resume"),
    path("<str:reference>/resoudre/", acts.resolve, name="resolve"),
    path("<str:reference>/rouvrir/", acts.reopen, name="reopen"),
    path("<str:reference>/annuler/", acts.cancel, name="cancel"),
    path("<str:reference>/fusionner/", merge, name="merge"),
    path("<str:reference>/rattacher/", linking.attach, name="attach"),
    path("<str:reference>/detacher/", linking.detach, name="detach"),
    path("<str:reference>/scinder/", linking.split, name="split"),
    path("<str:reference>/annuler-la-fusion/", acts.unmerge, name="unmerge"),
    path("<str:reference>/requalifier/", acts.requalify, name="requalify"),
    path(
        "<str:reference>/repondre-a-l-escalade/",
        asking.answer_escalation,
        name="answer-escalation",
    ),
    path(
        "<str:reference>/refuser-la-criticite/",
        asking.decline_severity,
        name="decline-severity",
    ),
    path("<str:reference>/produit/", subject.correct_product, name="correct-product"),
    path("<str:reference>/corriger/", acts.correct, name="correct"),
    path("<str:reference>/copies/ajouter/", acts.add_copy, name="add-copy"),
    path("<str:reference>/copies/retirer/", acts.remove_copy, name="remove-copy"),
]
