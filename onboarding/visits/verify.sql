-- name: slot_count_wrong
-- As many appointments as the slot says, and never more than fit.
select s.branch, s.starts_at, s.taken, count(v.id) as visits
from onboarding.slots s
left join onboarding.visits v
  on v.branch = s.branch and v.starts_at = s.starts_at and v.state <> 'cancelled'
group by s.branch, s.starts_at, s.taken
having count(v.id) <> s.taken;

-- name: visit_without_slot
-- Every appointment has its place counted.
select v.business_id, v.id
from onboarding.visits v
left join onboarding.slots s on s.branch = v.branch and s.starts_at = v.starts_at
where v.state <> 'cancelled' and s.branch is null;

-- name: active_without_visit
-- No account came alive without somebody at the counter.
select a.business_id, a.id
from onboarding.applications a
left join onboarding.visits v
  on v.business_id = a.business_id and v.application_id = a.id and v.state = 'completed'
where a.state = 'active' and v.id is null;
