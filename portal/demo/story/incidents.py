"""What goes wrong, and how it is put right: thirty-six conversations, told again by others.

And what some of the customers ask for meanwhile: a manager's attention, another severity.
"""

from __future__ import annotations

from typing import NamedTuple

from sla.enums import Severity

B, G, I = Severity.BLOCKING, Severity.IMPAIRING, Severity.INFORMATIONAL  # noqa: E741


class Plot(NamedTuple):
    """One incident: what the customer writes, what we ask, what they answer, what solves it."""

    product: str
    severity: Severity
    title: str
    body: str
    question: str
    answer: str
    solution: str
    file: str = ""
    note: str = ""


# Why an incident is escalated, and what a manager answers.
ESCALATION = (
    "Nous rendons le projet demain matin et nous n’avons pas encore de date de résolution : "
    "pouvez-vous mettre une deuxième personne dessus ?"
)
ESCALATION_ANSWER = (
    "Bien reçu. Un second ingénieur rejoint l’incident dès maintenant, et je vous appelle à 17 h "
    "pour faire le point, quoi qu’il arrive."
)
# An escalation that nobody has answered yet.
LATE_ESCALATION = "Troisième arrêt de la semaine pour la même cause : nous avons besoin d’un plan."
# Why a customer wants a higher severity.
HIGHER_SEVERITY = (
    "Le contournement ne suffit plus : depuis la mise à jour de ce matin, toute l’équipe est "
    "arrêtée."
)

PLOTS = (
    Plot("Revit", B, "Revit se ferme à l’ouverture de la maquette centrale",
         "Depuis ce matin, Revit se ferme sans message dès que j’ouvre la maquette centrale. Mes "
         "collègues ont le même problème, plus personne ne peut travailler sur le projet.",
         "Pouvez-vous joindre le fichier journal le plus récent et nous dire quelle mise à jour "
         "est installée ?",
         "Le journal est joint, nous sommes en 2027.1.",
         "La maquette contenait un garde-corps importé que la 2027.1 ne sait pas lire. La mise à "
         "jour 2027.1.2, disponible dans vos téléchargements, corrige la fermeture.",
         "journal.0412.txt", "Même signature que le cas éditeur 1893-44."),
    Plot("Revit", G, "Synchronisation avec le fichier central très lente",
         "La synchronisation prend plus de dix minutes depuis lundi, moins d’une d’habitude.",
         "Combien de personnes travaillent en même temps, et depuis quels sites ?",
         "Huit personnes, dont trois depuis l’agence.",
         "Le fichier central a été compacté et les trois postes distants passent désormais par "
         "l’accélérateur : la synchronisation est revenue à quarante secondes."),
    Plot("Revit", G, "Export IFC sans les faux plafonds",
         "L’export IFC4 ne contient plus les faux plafonds. Le bureau de contrôle attend le "
         "fichier.",
         "Quel jeu de paramètres d’export utilisez-vous ?",
         "Celui de la charte BIM du client, en pièce jointe.",
         "Le jeu de paramètres excluait la catégorie « Plafonds » : le jeu corrigé est joint, "
         "l’export est complet.", "parametres-ifc.txt"),
    Plot("Revit", I, "Comment partager une nomenclature entre deux projets ?",
         "Nous aimerions réutiliser nos nomenclatures d’un projet à l’autre sans les refaire.",
         "S’agit-il de nomenclatures de quantités ou de feuilles ?",
         "De quantités, pour les menuiseries.",
         "Utilisez « Insérer › Insérer depuis le fichier › Insérer des vues » : la marche à suivre "
         "est décrite dans l’article du blog que nous venons de publier."),
    Plot("Revit", G, "Familles de portes mal orientées après mise à jour",
         "Après la mise à jour, toutes les portes battantes s’ouvrent à l’envers sur les plans.",
         "Pouvez-vous joindre une famille concernée ?",
         "Voici la famille la plus utilisée.",
         "Le paramètre d’inversion avait changé de nom. La famille corrigée et un script pour les "
         "autres vous ont été remis.", "porte-battante.txt"),
    Plot("AutoCAD", B, "Licence réseau introuvable au démarrage",
         "AutoCAD affiche « licence introuvable » sur les vingt postes. Le bureau d’études est à "
         "l’arrêt.",
         "Le serveur de licences répond-il, et a-t-il été redémarré récemment ?",
         "Il a redémarré cette nuit après des mises à jour.",
         "Le service de licences n’était pas reparti avec le serveur : il démarre maintenant "
         "automatiquement, et les vingt postes ont retrouvé leur licence.",
         "", "Prévoir une visite : le serveur est en fin de garantie."),
    Plot("AutoCAD", G, "Impression par lots en PDF incomplète",
         "La publication en PDF s’arrête à la septième feuille, sans message.",
         "Le problème vient-il toujours de la même feuille ?",
         "Oui, celle qui contient l’orthophoto.",
         "La mise à jour 2027.0.3 corrige l’impression des images de plus de 500 Mo. Elle est "
         "dans vos téléchargements."),
    Plot("AutoCAD", G, "Polices remplacées à l’ouverture des plans d’un partenaire",
         "Les plans reçus d’un partenaire s’ouvrent avec une autre police et les cotes débordent.",
         "Pouvez-vous joindre l’un de ces plans ?",
         "Voici le plan du rez-de-chaussée.",
         "La police d’origine a été ajoutée au dossier de support partagé, et une règle de "
         "remplacement couvre les autres cas.", "rdc.dxf"),
    Plot("AutoCAD", I, "Où régler l’enregistrement automatique ?",
         "Je voudrais que l’enregistrement automatique se fasse toutes les cinq minutes.",
         "Est-ce pour votre poste seul, ou pour tous ?",
         "Pour tous les postes du bureau d’études.",
         "La variable SAVETIME est maintenant à 5 dans le profil partagé du bureau d’études."),
    Plot("AutoCAD", G, "Blocs dynamiques figés après copie",
         "Les blocs dynamiques copiés d’un ancien projet ne réagissent plus à leurs poignées.",
         "De quelle version d’AutoCAD viennent-ils ?",
         "De la 2019.",
         "Les blocs ont été réenregistrés dans l’éditeur : les poignées fonctionnent. La "
         "bibliothèque réparée est jointe."),
    Plot("Inventor", G, "Nomenclature qui ne se met plus à jour dans la mise en plan",
         "Les quantités de la nomenclature ne suivent plus l’assemblage.",
         "Utilisez-vous la vue structurée ou la vue par pièces ?",
         "La vue structurée, premier niveau.",
         "Le correctif « Nomenclatures » rétablit la mise à jour. Il est dans vos "
         "téléchargements, une réouverture de la mise en plan suffit ensuite."),
    Plot("Inventor", B, "Assemblage principal illisible après une coupure de courant",
         "Une coupure a interrompu l’enregistrement de l’assemblage. Il ne s’ouvre plus et la "
         "livraison est demain.",
         "Avez-vous un dossier « OldVersions » à côté du fichier ?",
         "Oui, avec une version d’hier à 17 h.",
         "L’assemblage a été reconstruit depuis la version d’hier et les pièces du jour. Pensez à "
         "vérifier les contraintes du châssis.", "chassis.txt"),
    Plot("Inventor", G, "Cotes fausses dans les dépliés de tôlerie",
         "Les dépliés sortent trop courts de 0,8 mm depuis le changement de matière.",
         "Quel facteur K est saisi pour cette matière ?",
         "0,44, comme avant.",
         "La nouvelle matière utilisait la table de pliage par défaut. Votre table a été "
         "rattachée, les dépliés sont justes."),
    Plot("Inventor", I, "Peut-on verrouiller les iProperties remplies par Vault ?",
         "Nos dessinateurs modifient parfois le numéro de plan à la main.",
         "Les fichiers passent-ils tous par Vault ?",
         "Oui, tous.",
         "Oui : la règle de mappage est passée en lecture seule dans Vault, le champ est grisé "
         "dans Inventor."),
    Plot("Inventor", G, "Lenteur à l’ouverture des grands assemblages",
         "L’ouverture du bâti complet prend un quart d’heure.",
         "Combien de composants compte l’assemblage ?",
         "Un peu plus de 9 000.",
         "Le mode Express est activé par défaut au-delà de 500 fichiers et trois niveaux de détail "
         "ont été créés : l’ouverture prend deux minutes."),
    Plot("Civil 3D", G, "Profil en long décalé de la surface",
         "Le profil en long ne correspond plus à la surface après l’import du levé.",
         "La surface a-t-elle été reconstruite après l’import ?",
         "Je le pensais, mais un avertissement est resté.",
         "La reconstruction automatique était désactivée. Surface et profils sont à jour, et le "
         "modèle de projet est corrigé.", "leve.csv"),
    Plot("Civil 3D", B, "Plantage à l’ouverture du projet de voirie",
         "Le fichier du projet provoque une erreur fatale à l’ouverture, sur tous les postes.",
         "Pouvez-vous déposer le fichier et ses références ?",
         "C’est déposé.",
         "Une étiquette corrompue bloquait le chargement. Le fichier réparé est joint, rien n’a "
         "été perdu."),
    Plot("Civil 3D", I, "Quel format pour échanger avec un géomètre sous Covadis ?",
         "Nous devons envoyer une surface à un géomètre qui utilise Covadis.",
         "Lui faut-il la triangulation ou seulement les points ?",
         "La triangulation.",
         "Le LandXML 1.2 convient : Covadis relit la triangulation sans reprise."),
    Plot("Covadis", G, "Symboles de réseaux absents du récolement",
         "Les symboles d’assainissement n’apparaissent plus sur le récolement.",
         "Quelle base de symboles est déclarée dans vos paramètres ?",
         "Celle de la version 17.",
         "La base 18.1b, dans vos téléchargements, contient les symboles attendus. Il suffit de "
         "la déclarer."),
    Plot("Covadis", I, "Changer le système de coordonnées d’un chantier",
         "Le chantier a été saisi en RGF93 CC45, le client demande CC46.",
         "Le plan contient-il des blocs avec attributs de coordonnées ?",
         "Oui, les bornes.",
         "La transformation « changement de projection » met aussi à jour les attributs si la "
         "case correspondante est cochée. Le mode opératoire est joint."),
    Plot("Navisworks", G, "Détection de conflits : doublons à chaque mise à jour",
         "Chaque mise à jour de la maquette recrée les conflits déjà traités.",
         "Les identifiants d’éléments changent-ils d’un export à l’autre ?",
         "Oui, nous exportons depuis une copie.",
         "L’export se fait désormais depuis le fichier d’origine : les identifiants sont stables "
         "et les conflits traités le restent."),
    Plot("Navisworks", I, "Publier une visite virtuelle pour un maître d’ouvrage",
         "Comment envoyer une maquette consultable à un client qui n’a pas le logiciel ?",
         "Faut-il pouvoir mesurer ?",
         "Oui, des longueurs.",
         "La publication en NWD avec Navisworks Freedom, gratuit, permet de consulter et de "
         "mesurer."),
    Plot("Vault", B, "Connexion à Vault refusée pour tous les postes",
         "Personne ne peut se connecter à Vault, « serveur indisponible ».",
         "Le site du serveur répond-il depuis le serveur lui-même ?",
         "Non, erreur 503.",
         "Le pool d’applications s’était arrêté faute de place sur le disque. Les sauvegardes sont "
         "déplacées, Vault répond.",
         "", "Disque système du client : 120 Go seulement."),
    Plot("Vault", G, "Fichier impossible à archiver, « réservé par un autre utilisateur »",
         "Un fichier reste réservé par un collègue parti en congé.",
         "Pouvez-vous nous donner le nom du fichier et du collègue ?",
         "PL-2210 et Tom.",
         "La réservation a été annulée par l’administrateur, la version locale du collègue est "
         "conservée à part."),
    Plot("Vault", I, "Numérotation automatique des plans par affaire",
         "Nous voudrions que le numéro d’affaire soit repris dans le numéro de plan.",
         "Où le numéro d’affaire est-il saisi aujourd’hui ?",
         "Dans le nom du dossier.",
         "Le schéma de numérotation reprend maintenant la propriété « Affaire » du dossier."),
    Plot("Advance Steel", G, "Fichiers DSTV refusés par la machine",
         "La machine refuse les fichiers de perçage exportés hier.",
         "Quel message la machine affiche-t-elle ?",
         "« Contour non fermé ».",
         "L’arrondi à 0,01 mm est rétabli dans les options d’export, la machine accepte les "
         "fichiers.", "poutre-12.txt"),
    Plot("Advance Steel", I, "Ajouter une platine à la bibliothèque",
         "Comment ajouter notre platine standard à la bibliothèque d’assemblages ?",
         "Avez-vous un plan coté de la platine ?",
         "Oui, en pièce jointe.",
         "La platine est créée et enregistrée ; le fichier de bibliothèque est joint avec la "
         "marche à suivre.", "platine.txt"),
    Plot("3ds Max", G, "Rendu noir avec les nouvelles textures",
         "Les rendus sortent noirs depuis le passage aux textures 8K.",
         "Quelle carte graphique et quel pilote utilisez-vous ?",
         "RTX 4000, pilote de janvier.",
         "Le pilote de studio récent corrige le rendu ; la procédure d’installation est jointe."),
    Plot("Fusion", G, "Parcours d’usinage recalculés à chaque ouverture",
         "Les parcours se recalculent à chaque ouverture et l’atelier attend.",
         "Le fichier est-il partagé entre deux équipes ?",
         "Oui, méthodes et atelier.",
         "Les deux équipes n’avaient pas la même bibliothèque d’outils. Elle est partagée, les "
         "parcours restent valides."),
    Plot("Fusion", I, "Post-processeur pour une nouvelle fraiseuse",
         "Nous recevons une fraiseuse cinq axes, quel post-processeur utiliser ?",
         "Quelle commande numérique équipe la machine ?",
         "Une Siemens 840D.",
         "Le post-processeur 840D adapté à votre cinématique est joint et testé sur votre pièce "
         "type."),
    Plot("AutoCAD", G, "Calques gelés dans les présentations",
         "Des calques se gèlent tout seuls dans les présentations.",
         "Avec quelle commande sont créées les présentations ?",
         "À partir de notre gabarit.",
         "Le gabarit contenait un état de calques ancien. Le gabarit corrigé est en place."),
    Plot("Revit", B, "Impossible d’enregistrer : « fichier en lecture seule »",
         "Impossible d’enregistrer la maquette, Revit dit que le fichier est en lecture seule. "
         "Toute l’équipe est arrêtée avant le rendu de ce soir.",
         "Le quota du serveur de fichiers est-il atteint ?",
         "Oui, 100 %.",
         "De la place a été libérée avec votre informatique, l’enregistrement fonctionne. Une "
         "alerte préviendra à 90 %."),
    Plot("Inventor", G, "Esquisses sous-contraintes après import STEP",
         "Les pièces importées arrivent sans aucune contrainte.",
         "Avez-vous besoin de les modifier, ou seulement de les placer ?",
         "Les modifier.",
         "L’import avec reconnaissance de fonctions reconstruit les contraintes principales : "
         "l’option est décrite pas à pas dans le document joint."),
    Plot("AutoCAD", I, "Renouvellement : quand faut-il changer de version ?",
         "Nos postes doivent-ils passer à la version suivante au renouvellement ?",
         "Certains de vos partenaires imposent-ils un format ?",
         "Oui, le format 2018.",
         "Non : le format 2018 reste commun aux versions actuelles, vous pouvez attendre l’été."),
    Plot("Revit", I, "Recommandations de postes pour de grandes maquettes",
         "Nous renouvelons nos postes : que conseillez-vous pour des maquettes de 800 Mo ?",
         "Utilisez-vous aussi le rendu ?",
         "Rarement.",
         "64 Go de mémoire, un processeur à haute fréquence et un disque NVMe : le détail et les "
         "modèles sont dans l’article du blog."),
    Plot("Vault", G, "Aperçus vides pour les fichiers Revit",
         "Les aperçus des fichiers Revit sont vides dans Vault.",
         "Le serveur de tâches est-il installé sur un poste avec Revit ?",
         "Il l’était, le poste a changé.",
         "Le processeur de tâches est réinstallé sur le nouveau poste, les aperçus se "
         "régénèrent."),
)  # fmt: skip
