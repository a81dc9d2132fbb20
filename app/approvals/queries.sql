-- name: ask
-- A new question about one version of one object.
insert into core.approvals (business_id, id, kind, object_id, version, scope, levels, amount_fen,
                            excluded, requested_by, requested_at)
values (:business_id, :id, :kind, :object_id, :version, :scope, :levels, :amount_fen, :excluded,
        :principal, :now);

-- name: lock_latest
-- The newest question about an object, held until this answer is in.
select id, business_id, kind, object_id, version, scope, levels, amount_fen, excluded,
       requested_by, requested_at, state
from core.approvals
where business_id = :business_id and kind = :kind and object_id = :object_id
order by version desc limit 1 for no key update;

-- name: votes
-- Who has answered so far.
select principal, approve from core.approval_decisions
where business_id = :business_id and approval_id = :approval_id;

-- name: vote
-- One answer per person; the primary key and a trigger stand behind the rule.
insert into core.approval_decisions
  (business_id, approval_id, principal, approve, reason, decided_at)
values (:business_id, :approval_id, :principal, :approve, :reason, :now);

-- name: settle
-- The question has its answer.
update core.approvals set state = :state, settled_at = :now
where business_id = :business_id and id = :id;

-- name: withdraw
-- The object went away or changed.
update core.approvals set state = 'withdrawn', settled_at = :now
where business_id = :business_id and kind = :kind and object_id = :object_id and state = 'open';

-- name: waiting
-- The inbox of one person in one firm.
select a.id, a.business_id, a.kind, a.object_id, a.version, a.scope, a.levels, a.amount_fen,
       a.excluded, a.requested_by, a.requested_at, a.state
from core.approvals a
where a.business_id = :business_id and a.state = 'open' and a.scope = 'firm'
  and a.requested_by <> :principal and not (:principal::text = any(a.excluded))
  and not exists (select from core.approval_decisions d
                  where d.business_id = a.business_id and d.approval_id = a.id
                    and d.principal = :principal)
order by a.requested_at, a.id limit :row_limit;
