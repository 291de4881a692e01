-- Posts that could not be read, counted per source and day like refusals, in several rows so that they do not wait for
-- one another.
create table source_errors (
    account_id bytea not null,
    source_id bytea not null,
    day date not null,
    share smallint not null,
    count bigint not null,
    constraint source_errors_pkey primary key (source_id, day, share),
    constraint source_errors_source_fkey foreign key (account_id, source_id)
        references flow_sources (account_id, id) on delete cascade
);

-- The last ones of each source, for the buyer to find out why. The application removes what is older or more.
create table unread_posts (
    id bigint generated always as identity,
    account_id bytea not null,
    source_id bytea not null,
    received_at timestamptz not null,
    reason text not null,
    -- the beginning of the post, with long numbers hidden
    excerpt text not null,
    constraint unread_posts_pkey primary key (id),
    constraint unread_posts_source_fkey foreign key (account_id, source_id)
        references flow_sources (account_id, id) on delete cascade
);
create index unread_posts_source_id_id_idx on unread_posts (source_id, id);
create index unread_posts_account_id_idx on unread_posts (account_id);
create index unread_posts_received_at_idx on unread_posts (received_at);
