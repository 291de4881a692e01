-- Home sums the leads of an account by day. No figure is in the index, so counting a lead does not change it.
create index source_days_account_idx on source_days (account_id, day);
-- The order of a flow's sources: a duplicate follows the source that is used instead of it.
create index flow_sources_order_idx
    on flow_sources (flow_id, coalesce(duplicate_of, id), (duplicate_of is not null), id);
-- With the account, as the other two are. Else Postgres reads all sources of the account to find one use of an entity.
drop index flow_sources_entity_id_idx;
create index flow_sources_entity_id_idx on flow_sources (entity_id, account_id, id);
