-- Refused submissions of one source are counted in several rows a day, so that they do not wait for one another.
alter table source_refusals add column share smallint not null default 0;
alter table source_refusals drop constraint source_refusals_pkey;
alter table source_refusals add constraint source_refusals_pkey primary key (source_id, day, share);
