-- The roles, and what every database of the portal starts with. Run by psql as the superuser, by
-- the launcher at each start and by the initialisation of docker-compose's PostgreSQL; it may run
-- any number of times.
--
-- Read from the environment: PORTAL_OWNER_PASSWORD, PORTAL_APP_PASSWORD, and PORTAL_DATABASE (the
-- database to create; leave it out to prepare the server only).

\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password PORTAL_OWNER_PASSWORD
\getenv app_password PORTAL_APP_PASSWORD
\getenv database PORTAL_DATABASE

SET client_min_messages = warning;
SET password_encryption = 'scram-sha-256';

-- portal_owner owns the tables: migrations run as it. portal_app is the application: it has what
-- is granted to it, and never owns anything, so it can neither drop a trigger nor grant itself more.
SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['portal_owner', 'portal_app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE portal_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE portal_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE PASSWORD :'app_password';
-- The owner may end the application's sessions (to drop a test database, to migrate).
GRANT portal_app TO portal_owner;

-- New databases are copies of template1.
\connect template1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER SCHEMA public OWNER TO portal_owner;
GRANT USAGE ON SCHEMA public TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app;

\connect postgres
\if :{?database}
    SELECT format('CREATE DATABASE %I OWNER portal_owner', :'database')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
\endif
