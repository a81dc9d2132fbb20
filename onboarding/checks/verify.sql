-- name: reviewed_without_evidence
-- Nobody decides about an application whose checks of that round were not kept.
select a.business_id, a.id, a.round
from onboarding.applications a
left join onboarding.checks c
  on c.business_id = a.business_id and c.application_id = a.id and c.round = a.round
where a.state in ('reviewing', 'approved', 'active')
group by a.business_id, a.id, a.round having count(c.kind) <> 7;
