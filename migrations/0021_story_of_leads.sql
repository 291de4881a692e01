-- What a lead's story needs beside its input and fields. All of it is stored by the statement that stores the lead.
alter table leads
    -- how it arrived: {"method", "content_type", "user_agent", "address", "authenticated", "marks"}
    add column received jsonb not null default '{}',
    -- the versions of flow and source that judged it; null for leads from before versions were kept
    add column flow_version int,
    add column source_version int,
    -- a hash of the account and of each e-mail address and phone number in its normal form, to find a person's leads
    add column contacts bigint[] not null default '{}';
