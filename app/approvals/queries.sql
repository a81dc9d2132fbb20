-- name: ask
-- A new question about one version of one object.
insert into core.approvals (business_id, id, kind, object_id, version, scope, levels, amount_fen,
                            excluded, requested_by, requested_at, steps, in_order, step_up,
                            remind_at, expires_at)
values (:business_id, :id, :kind, :object_id, :version, :scope, :levels, :amount_fen, :excluded,
        :principal, :now, :steps, :in_order, :step_up, :remind_at, :expires_at);

-- name: lock_latest
-- The newest question about an object, held until this answer is in; a second account of somebody
-- who may not answer is that somebody.
select id, business_id, kind, object_id, version, scope, levels, amount_fen, excluded,
       requested_by, requested_at, state, steps, in_order, step_up, reminded_at, expires_at,
       identity.is_one_of(:person_id, excluded || requested_by) as barred
from core.approvals
where business_id = :business_id and kind = :kind and object_id = :object_id
order by version desc limit 1 for no key update;

-- name: votes
-- Who has answered so far, and as what.
select approval_id, principal, approve, role, stands_for, decided_at from core.approval_decisions
where business_id = :business_id and approval_id = any(:approval_ids::uuid[])
order by decided_at, principal;

-- name: vote
-- One answer per person; the primary key and a trigger stand behind the rule.
insert into core.approval_decisions
  (business_id, approval_id, principal, approve, reason, decided_at, role, stands_for)
values (:business_id, :approval_id, :principal, :approve, :reason, :now, :role, :stands_for);

-- name: settle
-- The question has its answer.
update core.approvals set state = :state, settled_at = :now
where business_id = :business_id and id = :id;

-- name: withdraw
-- The object went away or changed.
update core.approvals set state = 'withdrawn', settled_at = :now
where business_id = :business_id and kind = :kind and object_id = :object_id and state = 'open';

-- name: open_questions
-- What is open in the firm, oldest first; the rules tell for whom each waits.
select id, business_id, kind, object_id, version, scope, levels, amount_fen, excluded,
       requested_by, requested_at, state, steps, in_order, step_up, reminded_at, expires_at,
       identity.is_one_of(:person_id, excluded || requested_by) as barred
from core.approvals
where business_id = :business_id and state = 'open' and scope = 'firm'
order by requested_at, id limit 200;

-- name: open_question
-- One question while it is open, for the message about it.
select id, business_id, kind, object_id, version, scope, levels, amount_fen, excluded,
       requested_by, requested_at, state, steps, in_order, step_up, reminded_at, expires_at
from core.approvals where business_id = :business_id and id = :id and state = 'open';

-- name: members
-- Who may be asked: the firm's members with their roles of this moment.
select person_id, role, null::uuid as stands_for from identity.memberships
where business_id = :business_id and state = 'active' order by since_at, person_id limit 200;

-- name: add_delegation
-- Somebody will be away and names who answers in their stead.
insert into core.delegations
  (business_id, id, from_person, to_person, from_at, until_at, made_at)
values (:business_id, :id, :person_id, :to_person, :from_at, :until_at, :now)
returning id, from_person, to_person, from_at, until_at, made_at;

-- name: delegations_in_force
-- Who stands in for whom at this moment.
select id, from_person, to_person, from_at, until_at, made_at from core.delegations
where business_id = :business_id and ended_at is null and from_at <= :now and until_at > :now
order by made_at, id limit 200;

-- name: delegations
-- The absences that last or are to come.
select id, from_person, to_person, from_at, until_at, made_at from core.delegations
where business_id = :business_id and ended_at is null and until_at > :now
order by from_at, id limit 200;

-- name: end_delegation
-- Whoever was away ends it; the row stays, because answers were given under it.
update core.delegations set ended_at = :now
where business_id = :business_id and id = :id and from_person = :person_id
  and ended_at is null and until_at > :now;
