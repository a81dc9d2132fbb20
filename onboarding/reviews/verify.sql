-- name: review_and_application_disagree
-- An application is with the reviewers exactly while its round's review is open.
select a.business_id, a.id, a.state, r.state as review
from onboarding.reviews r
join onboarding.applications a on a.business_id = r.business_id and a.id = r.application_id
where r.round = a.round and (
  (r.state = 'approved' and a.state not in ('approved', 'active', 'cancelled', 'refused'))
  or (r.state = 'refused' and a.state <> 'refused')
  or (r.state = 'open' and a.state in ('approved', 'active', 'returned', 'refused')));

-- name: approved_by_too_few
-- As many different reviewers approved as the route asked for.
select r.business_id, r.id
from onboarding.reviews r
where r.state = 'approved' and (
  select count(distinct d.principal)
  from core.approvals p
  join core.approval_decisions d on d.business_id = p.business_id and d.approval_id = p.id
  where p.business_id = r.business_id and p.kind = 'application' and p.object_id = r.id
    and d.approve
) < r.levels;
