-- name: mandate_in_force_by_nobody
-- A mandate was put into force by an owner of the firm, and where another had to agree, one did.
select m.business_id, m.id
from accounts.mandates m
left join core.approvals a
  on a.business_id = m.business_id and a.kind = 'mandate' and a.object_id = m.id
where m.state in ('in_force', 'replaced')
  and (not exists (select from identity.memberships s
                   where s.business_id = m.business_id and s.person_id = m.made_by)
       or (a.id is not null and a.state <> 'approved'));

-- name: released_without_those_asked
-- A payment that asked other people went on only after all of them had agreed.
select p.business_id, p.id, p.state
from accounts.payments p
join core.approvals a
  on a.business_id = p.business_id and a.kind = 'payment' and a.object_id = p.id
where p.state in ('submitted', 'processing', 'unknown', 'settled', 'failed', 'returned')
  and a.state <> 'approved'
  and not exists (select from core.approvals later
                  where later.business_id = a.business_id and later.kind = a.kind
                    and later.object_id = a.object_id and later.version > a.version);

-- name: waits_for_nobody
-- A payment waits for approval exactly while its question is open (or has just ended by the clock).
select p.business_id, p.id, p.state
from accounts.payments p
where p.state = 'pending_approval'
  and not exists (select from core.approvals a
                  where a.business_id = p.business_id and a.kind = 'payment'
                    and a.object_id = p.id and a.version = p.version
                    and a.state in ('open', 'expired'));
