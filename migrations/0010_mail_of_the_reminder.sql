-- The mail that reminded, so that it does not leave any more once the invitation was answered, revoked or sent again.
alter table invitations add column reminder_mail_id bytea references mails (id);
