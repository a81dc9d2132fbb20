-- name: registered_firm_unknown_to_the_bank
-- A registered firm carries the same code in the bank's directory.
select r.business_id, r.id, r.uscc
from onboarding.registrations r
left join identity.business_directory d on d.business_id = r.business_id
where r.state = 'registered' and d.uscc is distinct from r.uscc;

-- name: registered_without_licence_part
-- The licence part is done exactly when the firm is registered.
select p.business_id, p.registration_id, p.state
from onboarding.registration_parts p
join onboarding.registrations r on r.business_id = p.business_id and r.id = p.registration_id
where p.part = 'licence' and (p.state = 'done') <> (r.state = 'registered');

-- name: submitted_without_reference
-- A registration that was sent can be found by what the registry calls it.
select r.business_id, r.id
from onboarding.registrations r
left join onboarding.firm_references o
  on o.object_id = r.id and o.business_id = r.business_id
where r.state in ('submitted', 'registered') and o.object_id is null;

-- name: live_form_without_its_name
-- A form under way has its name, or the reservation has run out.
select r.business_id, r.id
from onboarding.registrations r
left join onboarding.declared_names n
  on n.authority = left(r.area_code, 4) || '00' and n.name_key = r.name_key and n.business_id = r.business_id
where r.state = 'registered' and (n.name_key is null or n.reserved_until is not null);
