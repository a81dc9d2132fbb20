-- name: lifted_without_an_upgrade
-- A simplified account's ceiling is lifted exactly when its upgrade was approved.
select a.business_id, a.id
from onboarding.applications a
join accounts.firm_ceilings c on c.business_id = a.business_id
where a.opening = 'simplified' and a.state = 'active'
  and (c.lifted_at is not null) <> exists (select from onboarding.upgrades u
    where u.business_id = a.business_id and u.application_id = a.id and u.state = 'approved');
