-- What an address is compared by, as it was when somebody accepted under it: logins change their address later.
alter table invitations add column accepted_email_key text;
update invitations i set accepted_email_key = u.email_key from users u where u.id = i.accepted_by;
