"""Twelve articles of the engineers' blog."""

from __future__ import annotations

from typing import NamedTuple

from blog.enums import Audience


class ArticleFacts(NamedTuple):
    """`age` in days; `author` is an e-mail of the cast."""

    title: str
    summary: str
    body: str
    products: tuple[str, ...]
    author: str
    age: int
    audience: Audience = Audience.PUBLIC


ARTICLES = (
    ArticleFacts(
        "Revit 2027.1.2 : pourquoi l’installer avant la fin du mois",
        "Elle corrige la fermeture des maquettes qui contiennent des garde-corps importés.",
        """La 2027.1 ferme Revit sans message lorsque la maquette contient un garde-corps venu d’un
import. La **2027.1.2** règle le problème.

## Avant d’installer

1. Synchronisez et fermez toutes les sessions ouvertes sur le fichier central.
2. Installez la mise à jour sur *tous* les postes de l’équipe : un seul poste resté en arrière
   suffit à recréer le problème.
3. Ouvrez une fois le fichier central avec l’option « Audit ».

Le paquet se trouve dans vos téléchargements.
""", ("Revit",), "ingenieur@demo.example", 4),
    ArticleFacts(
        "Serveur de licences : cinq vérifications avant d’appeler",
        "Les causes les plus fréquentes d’une licence réseau introuvable, dans l’ordre.",
        """Neuf fois sur dix, « licence introuvable » se règle par l’une de ces vérifications :

- le service de licences tourne-t-il ?
- le serveur a-t-il changé de nom ou d’adresse physique ?
- le pare-feu laisse-t-il passer les ports 27000 à 27009 et 2080 ?
- la date du serveur est-elle juste ?
- reste-t-il des licences libres ? La commande `lmstat -a` le dit.

Si rien n’y fait, déclarez un incident *bloquant* et joignez le journal du service.
""", ("AutoCAD", "Revit", "Inventor"), "hugo.lemaire@demo.example", 11),
    ArticleFacts(
        "Inventor : ouvrir un assemblage de 9 000 composants en deux minutes",
        "Mode Express, niveaux de détail et nettoyage : ce qui fait vraiment gagner du temps.",
        """## Le mode Express

Il charge l’affichage sans recalculer la géométrie. Activez-le au-delà de 500 fichiers.

## Les niveaux de détail

Trois niveaux suffisent : implantation, bureau d’études, atelier.

## Ce qui ne sert à rien

Remplacer les vis par des cylindres : la différence se mesure à peine.
""", ("Inventor",), "maud.etcheverry@demo.example", 18),
    ArticleFacts(
        "Échanger une surface entre Civil 3D et Covadis",
        "Le LandXML 1.2, réglage par réglage.",
        """Exportez la surface depuis l’onglet **Sortie**, choisissez *LandXML 1.2* et cochez
« données de définition ». Dans Covadis, importez avec l’option « triangulation existante ».

> Vérifiez toujours trois points connus après l’import.
""", ("Civil 3D", "Covadis"), "clara.pujol@demo.example", 25),
    ArticleFacts(
        "Réutiliser ses nomenclatures Revit d’un projet à l’autre",
        "Insérer des vues depuis un fichier : simple, encore faut-il le savoir.",
        """« Insérer › Insérer depuis le fichier › Insérer des vues depuis le fichier ». Gardez un
projet « bibliothèque » qui ne contient que vos nomenclatures, vos gabarits de vues et vos feuilles.
""", ("Revit",), "salome.fabre@demo.example", 33),
    ArticleFacts(
        "Vault : que faire d’un fichier réservé par un collègue absent",
        "Annuler une réservation sans perdre le travail de personne.",
        """Seul un administrateur peut annuler la réservation d’un autre. Avant de le faire :

1. demandez si la version locale du collègue doit être conservée ;
2. copiez-la dans un dossier à part ;
3. annulez, puis notez l’opération dans le commentaire de version.
""", ("Vault",), "karim.haddad@demo.example", 40),
    ArticleFacts(
        "Exporter en IFC sans perdre une catégorie",
        "Les jeux de paramètres d’export, et la vérification qui évite les retours.",
        """Avant chaque remise, ouvrez l’IFC dans une visionneuse et comptez les éléments par
catégorie. La plupart des oublis viennent d’un jeu de paramètres recopié d’un autre projet.
""", ("Revit", "Navisworks"), "ingenieur@demo.example", 47),
    ArticleFacts(
        "Quel poste pour des maquettes de 800 Mo ?",
        "Nos mesures sur quatre configurations, et celle que nous conseillons.",
        """| Configuration | Ouverture | Synchronisation |
|---|---|---|
| 32 Go, disque SATA | 6 min 10 | 2 min 40 |
| 32 Go, NVMe | 3 min 50 | 1 min 20 |
| 64 Go, NVMe | 2 min 30 | 0 min 45 |

La fréquence du processeur compte davantage que le nombre de cœurs.
""", ("Revit", "Inventor"), "yann.legoff@demo.example", 55, Audience.CUSTOMERS),
    ArticleFacts(
        "Advance Steel : des fichiers DSTV acceptés du premier coup",
        "Arrondis, contours et noms de pièces : les trois réglages à vérifier.",
        """Fixez l’arrondi à `0.01`, interdisez les espaces dans les noms de pièces et contrôlez un
fichier par type de profil avant de lancer une série.
""", ("Advance Steel",), "yann.legoff@demo.example", 63),
    ArticleFacts(
        "Bien déclarer un incident : ce qui nous fait gagner une heure",
        "Une version exacte, un fichier, une copie d’écran : pourquoi nous insistons.",
        """Trois éléments suffisent presque toujours :

- la **version exacte**, mise à jour comprise ;
- un **fichier** sur lequel le problème se reproduit ;
- une **copie d’écran** du message.

Choisissez la criticité selon ce que vous pouvez encore faire : *bloquant* si le logiciel est
inutilisable, *gênant* s’il fonctionne mal, *informatif* pour une question.
""", (), "responsable@demo.example", 72),
    ArticleFacts(
        "Fusion : partager une bibliothèque d’outils entre méthodes et atelier",
        "Une seule bibliothèque, et les parcours cessent de se recalculer.",
        """Placez la bibliothèque dans le projet commun, supprimez les copies locales, puis
rattachez les opérations existantes. Comptez une demi-heure pour une dizaine de pièces.
""", ("Fusion",), "maud.etcheverry@demo.example", 80),
    ArticleFacts(
        "Fermeture annuelle des serveurs éditeurs : ce qui change pour vous",
        "Dates, effets sur les licences nommées et précautions à prendre.",
        """Les licences nommées se vérifient tous les trente jours : connectez chaque poste avant la
fermeture. Les licences réseau ne sont pas concernées.
""", ("AutoCAD", "Revit", "Inventor"), "hugo.lemaire@demo.example", 88, Audience.CUSTOMERS),
)  # fmt: skip
