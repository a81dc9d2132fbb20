-- migrate:up
-- Applications that portals handed in before their references were kept: found under them too.

insert into onboarding.handovers
  (client_id, client_reference, business_id, application_id, handed_at)
select distinct on (a.client_id, a.client_reference)
  a.client_id, a.client_reference, a.business_id, a.id, a.created_at
from onboarding.applications a
where a.client_id is not null and a.client_reference is not null
order by a.client_id, a.client_reference, a.created_at
on conflict (client_id, client_reference) do nothing;

-- migrate:down
-- forward only
