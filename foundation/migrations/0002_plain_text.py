"""The function behind `foundation.database.Plain`.

Its body is parsed here, once: it names the function and the dictionary themselves, whatever the
search path of who calls it later.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION portal_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(unaccent('unaccent'::regdictionary, $1))
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_extensions")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION portal_plain(text)")]
