-- Inviting looks for what an address stands for already; so do resending and sending to another address.
create index entities_invited_email_key_idx on entities (account_id, invited_email_key) where invited_email_key is not null;
