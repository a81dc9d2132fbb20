-- name: handover_without_its_application
-- A reference that was taken leads to an application under the same reference and portal.
select h.client_id, h.client_reference, h.application_id
from onboarding.handovers h
left join onboarding.applications a on a.business_id = h.business_id and a.id = h.application_id
where a.id is null or a.client_id <> h.client_id or a.client_reference <> h.client_reference;

-- name: application_of_a_portal_without_its_handover
-- What a portal handed in can be found under its reference.
select a.business_id, a.id
from onboarding.applications a
left join onboarding.handovers h on h.client_id = a.client_id
  and h.client_reference = a.client_reference and h.application_id = a.id
where a.client_id is not null and h.application_id is null;
