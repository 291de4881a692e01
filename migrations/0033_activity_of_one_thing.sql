-- The activity of one flow, source, partner or invitation.
create index activity_subject_id_idx on activity (account_id, subject_id, id desc);
