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
    and p.state = 'approved' and d.approve
) < r.levels;

-- name: waiting_without_a_question
-- A review's clock stands exactly while its applicant is asked for something.
select r.business_id, r.id, r.waiting_since
from onboarding.reviews r
where r.state = 'open' and (r.waiting_since is not null) <> exists (
  select from onboarding.inquiries i
  where i.business_id = r.business_id and i.review_id = r.id and i.state = 'open');

-- name: decided_by_somebody_too_near
-- Nobody has claimed or approved a firm that they had declared as their own or a relative's.
select r.business_id, r.id, x.staff_id
from onboarding.reviews r
join lateral unnest(r.approved_by || r.claimed_by) x(staff_id) on x.staff_id is not null
where exists (select from onboarding.staff_interests i
              where i.staff_id = x.staff_id and i.uscc = r.uscc and i.declared_at < r.opened_at)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = x.staff_id and v.mark = any(r.people_marks)
                and v.declared_at < r.opened_at);

-- name: late_and_told_twice_or_never
-- What is marked as escalated was handed on, and nothing else.
select r.business_id, r.id, r.escalated_at
from onboarding.reviews r
left join onboarding.escalations e on e.business_id = r.business_id and e.review_id = r.id
where (r.escalated_at is not null) <> (e.review_id is not null);
