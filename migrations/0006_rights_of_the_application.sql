-- The application's role owns nothing, and it can neither change nor remove activity. Where the role does not exist
-- (a single-role database) there is nothing to grant.
do $$
begin
    if exists (select from pg_roles where rolname = 'accord_app') then
        grant usage on schema public to accord_app;
        grant select, insert, update, delete on all tables in schema public to accord_app;
        revoke update, delete, truncate on activity from accord_app;
        alter default privileges in schema public grant select, insert, update, delete on tables to accord_app;
    end if;
end
$$;
