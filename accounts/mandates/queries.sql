-- name: look
-- All that decides who must agree to a payment and whether monitors look at it, in one look; the
-- maker's day is summed only where a line of the mandate asks for it.
select case when r.business_id is not null then
         jsonb_build_object('outside_above_fen', r.outside_above_fen,
                            'in_bank_above_fen', r.in_bank_above_fen, 'version', r.version)
       end as own,
       p.value as usual, coalesce(m.version, 0) as mandate_version,
       coalesce(m.lines, '[]'::jsonb) as lines, s.role,
       case when m.lines @? '$[*] ? (@.day_sum_above_fen != null || @.day_count_above != null)' then
         (select jsonb_build_object('sum_fen', coalesce(sum(o.amount_fen), 0)::bigint,
                                    'count', count(*))
          from accounts.payments o
          where o.business_id = :business_id and o.made_by = :maker
            and o.created_at >= :day_began::timestamptz
            and o.state not in ('draft', 'refused', 'rejected', 'cancelled', 'failed'))
       end as day,
       (select (t.value ->> 'examined_from_fen')::bigint from accounts.policies t
        where t.kind = 'monitors.terms' and t.valid @> :today::date) as examined_from_fen
from accounts.policies p
left join accounts.second_person_rules r on r.business_id = :business_id
left join accounts.mandates m on m.business_id = :business_id and m.state = 'in_force'
left join identity.memberships s
  on s.business_id = :business_id and s.person_id = :maker and s.state = 'active'
where p.kind = 'payments.second_person' and p.valid @> :today::date;

-- name: second_person_rule
-- The firm's own rule, if it set one.
select outside_above_fen, in_bank_above_fen, version
from accounts.second_person_rules where business_id = :business_id;

-- name: begin_second_person_rule
-- The firm's first own rule; a concurrent first one wins and is found changed.
insert into accounts.second_person_rules
  (business_id, outside_above_fen, in_bank_above_fen, version)
values (:business_id, :outside_above_fen, :in_bank_above_fen, 1)
on conflict (business_id) do nothing;

-- name: change_second_person_rule
-- Only the version that was seen is replaced.
update accounts.second_person_rules
set outside_above_fen = :outside_above_fen, in_bank_above_fen = :in_bank_above_fen,
    version = version + 1
where business_id = :business_id and version = :version;

-- name: in_force
-- The mandate in force; two changes of it take turns.
select id, version, lines, state, made_by, made_at, in_force_at
from accounts.mandates where business_id = :business_id and state = 'in_force'
for no key update;

-- name: mandate
-- One version; two answers to a proposal take turns.
select id, version, lines, state, made_by, made_at, in_force_at
from accounts.mandates where business_id = :business_id and id = :id for no key update;

-- name: read_mandate
-- One version as its firm reads it.
select id, version, lines, state, made_by, made_at, in_force_at
from accounts.mandates where business_id = :business_id and id = :id;

-- name: mandates
-- The firm's versions, newest first.
select id, version, lines, state, made_by, made_at, in_force_at
from accounts.mandates where business_id = :business_id order by version desc limit 200;

-- name: reject_proposal
-- A proposal that was refused, has waited too long, or gives way to a newer one.
update accounts.mandates set state = 'rejected'
where business_id = :business_id and state = 'proposed'
returning id;

-- name: propose
-- The next version; two at once meet at its number.
insert into accounts.mandates (business_id, id, version, lines, state, made_by, made_at)
select :business_id, :id, coalesce(max(version), 0) + 1, :lines, 'proposed', :person_id, :now
from accounts.mandates where business_id = :business_id
returning id, version, lines, state, made_by, made_at, in_force_at;

-- name: replace
-- What was in force until now.
update accounts.mandates set state = 'replaced'
where business_id = :business_id and state = 'in_force';

-- name: put_in_force
-- The proposal that was agreed to.
update accounts.mandates set state = 'in_force', in_force_at = :now
where business_id = :business_id and id = :id and state = 'proposed'
returning id, version, lines, state, made_by, made_at, in_force_at;

-- name: parties_known
-- How many of the named counterparties are in the book.
select count(*) from accounts.parties
where business_id = :business_id and id = any(:ids::uuid[]) and state = 'active';
