-- A partner that has leads is archived, never deleted, and those of a source that left it count as well.
alter table partners
    -- set when a source that has leads leaves it, for another partner, for none or for good; never unset
    add column had_leads boolean not null default false;
