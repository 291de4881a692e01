-- What a flow and a source were set to under each number of their `version`, so that a lead can be explained by what
-- judged it. Rows outlive their flow or source while its leads stay, so they have no foreign keys, like leads.
create table flow_versions (
    account_id bytea not null,
    flow_id bytea not null check (octet_length(flow_id) = 12),
    version int not null,
    at timestamptz not null,
    -- the person, and the name of the person or API key at that time; null if the system made it
    by_user_id bytea,
    by_name text,
    -- {"name", "enabled", "fields": [names in order], "acceptance_criteria"}
    configuration jsonb not null,
    constraint flow_versions_pkey primary key (account_id, flow_id, version)
);

create table source_versions (
    account_id bytea not null,
    source_id bytea not null check (octet_length(source_id) = 12),
    version int not null,
    flow_id bytea not null check (octet_length(flow_id) = 12),
    at timestamptz not null,
    by_user_id bytea,
    by_name text,
    -- {"mappings", "acceptance_criteria", "require_authentication"}
    configuration jsonb not null,
    constraint source_versions_pkey primary key (account_id, source_id, version)
);
create index source_versions_flow_id_idx on source_versions (account_id, flow_id);

create function flow_configuration(flows) returns jsonb
    language sql stable parallel safe as $$
        select jsonb_build_object(
            'name', $1.name,
            'enabled', $1.enabled,
            'fields', coalesce((select jsonb_agg(name order by position) from flow_fields where flow_id = $1.id), '[]'),
            'acceptance_criteria', $1.acceptance_criteria)
    $$;
comment on function flow_configuration is
    'Everything of a flow that judges leads, as a version keeps it.';

create function source_configuration(flow_sources) returns jsonb
    language sql immutable parallel safe as $$
        select jsonb_build_object(
            'mappings', $1.mappings,
            'acceptance_criteria', $1.acceptance_criteria,
            'require_authentication', $1.require_authentication)
    $$;
comment on function source_configuration is
    'Everything of a source that judges leads, as a version keeps it.';

-- The current versions. Earlier ones were not kept.
insert into flow_versions (account_id, flow_id, version, at, configuration)
select f.account_id, f.id, f.version, f.updated_at, flow_configuration(f) from flows f;

insert into source_versions (account_id, source_id, version, flow_id, at, configuration)
select fs.account_id, fs.id, fs.version, fs.flow_id, fs.updated_at, source_configuration(fs) from flow_sources fs;

-- A version never changes.
do $$
begin
    if exists (select from pg_roles where rolname = 'accord_app') then
        revoke update, truncate on flow_versions, source_versions from accord_app;
    end if;
end
$$;
