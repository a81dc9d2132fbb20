-- name: approval_settled_without_enough_votes
-- An approved question with fewer different people than it asked for.
select a.business_id, a.id, a.kind from core.approvals a
where a.state = 'approved'
  and (select count(*) from core.approval_decisions d
       where d.business_id = a.business_id and d.approval_id = a.id and d.approve) < a.levels;

-- name: approved_by_somebody_barred
-- Nobody who asked, made it or is the same human agreed, not even in another's stead.
select a.business_id, a.id, d.principal
from core.approvals a
join core.approval_decisions d on d.business_id = a.business_id and d.approval_id = a.id
where d.principal = a.requested_by or d.principal = any(a.excluded)
   or 'person:' || d.stands_for = a.requested_by or 'person:' || d.stands_for = any(a.excluded)
   or exists (
     select from identity.people me
     join identity.people other on other.resident_index = me.resident_index
     where 'person:' || me.person_id = d.principal and other.person_id <> me.person_id
       and ('person:' || other.person_id = a.requested_by
            or 'person:' || other.person_id = any(a.excluded)));

-- name: approved_by_a_role_not_asked
-- Where a question names roles, each answer was given as one of them.
select a.business_id, a.id, d.principal, d.role
from core.approvals a
join core.approval_decisions d on d.business_id = a.business_id and d.approval_id = a.id
where a.steps <> '[]'
  and not exists (select from jsonb_array_elements(a.steps) place where place ? d.role);

-- name: answered_for_somebody_who_was_there
-- Whoever answered in another's stead had their delegation at that moment.
select d.business_id, d.approval_id, d.principal
from core.approval_decisions d
where d.stands_for is not null and not exists (
  select from core.delegations g
  where g.business_id = d.business_id and g.from_person = d.stands_for
    and 'person:' || g.to_person = d.principal
    and g.from_at <= d.decided_at and d.decided_at < g.until_at
    and (g.ended_at is null or d.decided_at <= g.ended_at));
