from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations

from foundation.database import Digits, words_of

PERSON = ("first_name", "last_name", "email")
COMPANY = ("name", "code")


def _trigrams(expression, name):
    return GinIndex(OpClass(expression, "gin_trgm_ops"), name=name, fastupdate=False)


class Migration(migrations.Migration):
    """What the desk finds a caller by: words and digits of people and companies. No column.

    Taking accents off costs a hundred times what comparing numbers does; a planner that does not
    know reads whole tables instead of these indexes. People are read far more than written: nothing
    is left in a pending list, which each search would have to read through.
    """

    dependencies = [("accounts", "0003_last_visit"), ("foundation", "0002_plain_text")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION portal_plain(text) COST 100", "ALTER FUNCTION portal_plain(text) COST 1"
        ),
        migrations.AddIndex("company", _trigrams(words_of(*COMPANY), "company_named")),
        migrations.AddIndex("company", _trigrams(Digits("phone"), "company_phoned")),
        migrations.AddIndex("user", _trigrams(words_of(*PERSON), "user_named")),
        migrations.AddIndex("user", _trigrams(Digits("phone"), "user_phoned")),
    ]
