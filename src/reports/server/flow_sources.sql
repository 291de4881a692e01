-- One source ($3), or a page of a flow's sources. In two parts, so that the plan for any parameters suits both.
select fs.id as "id!: SourceId", fs.flow_id as "flow_id!: FlowId", e.name, e.kind as "kind: EntityKind",
       c.id is not null as "connected!", fs.enabled as "enabled!", fs.turn_on_when_accepted as "turn_on_when_accepted!",
       fs.duplicate_of as "duplicate_of: SourceId",
       jsonb_array_length(fs.mappings) as "mappings!",
       fs.acceptance_criteria as "criteria: Json<AcceptanceCriteria>",
       (select coalesce(sum(count), 0)::bigint from source_totals t where t.source_id = fs.id and not t.test)
           as "leads!",
       (select coalesce(sum(count), 0)::bigint from source_refusals r where r.source_id = fs.id) as "refused!",
       i.id as "invitation_id?: InvitationId", i.state as "state?: StoredState", i.sent_at as "sent_at?",
       i.expires_at as "expires_at?", coalesce(i.declined_at, i.revoked_at) as ended_at,
       i.decline_reason, m.state as "mail_state?", m.reason as mail_reason,
       m.sent_at as mail_sent_at, m.next_try_at as "mail_next_try_at?"
from (
    (select s.* from flow_sources s where s.account_id = $1 and s.flow_id = $2 and s.id = $3)
    union all
    (select s.* from flow_sources s
     where $3::bytea is null and s.account_id = $1 and s.flow_id = $2
       and ($4 = '' or exists (select from entities n
                               where n.id = s.entity_id and position(lower($4) in lower(n.name)) > 0))
     order by coalesce(s.duplicate_of, s.id), s.duplicate_of is not null, s.id
     limit $5 offset $6)
) as fs
join entities e on e.id = fs.entity_id
left join live_connections c on c.seller_account_id = e.connected_account_id
     and c.buyer_account_id = fs.account_id
left join lateral latest_invitation(e.id) i on true
left join mails m on m.id = i.mail_id
order by coalesce(fs.duplicate_of, fs.id), fs.duplicate_of is not null, fs.id
