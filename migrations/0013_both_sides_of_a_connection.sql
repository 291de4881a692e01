-- Both companies of a connection see each other by an entity, whoever invited; so far only the buyer did.
update entities e set recipient = 'buyer'
from connections c
where e.account_id = c.seller_account_id and e.connected_account_id = c.buyer_account_id
  and not e.deprecated and e.recipient is null;

insert into entities (id, account_id, kind, name, recipient, connected_account_id, created_at, updated_at)
select decode(lpad(to_hex((extract(epoch from c.connected_at) * 1000)::bigint), 12, '0'), 'hex')
           || substring(uuid_send(gen_random_uuid()) from 11 for 6),
       c.seller_account_id, 'account', b.name, 'buyer', c.buyer_account_id, c.connected_at, c.connected_at
from connections c join accounts b on b.id = c.buyer_account_id
on conflict (account_id, connected_account_id) where connected_account_id is not null and not deprecated do nothing;
