-- name: reviewed_without_evidence
-- Nobody decides about an application whose checks of that round were not kept.
select a.business_id, a.id, a.round
from onboarding.applications a
left join onboarding.checks c
  on c.business_id = a.business_id and c.application_id = a.id and c.round = a.round
where a.state in ('reviewing', 'approved', 'active')
group by a.business_id, a.id, a.round having count(c.kind) filter (where c.kind <> 'owners') < 7;

-- name: let_through_against_the_policy
-- Nobody looked at an approved application only where its route says so.
select a.business_id, a.id, a.route, a.round
from onboarding.applications a
where a.state in ('approved', 'active') and a.route <> 'straight_through'
  and not exists (select from onboarding.reviews r where r.business_id = a.business_id
    and r.application_id = a.id and r.round = a.round and r.state = 'approved');
