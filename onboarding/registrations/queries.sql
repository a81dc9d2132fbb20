-- name: add_registration
-- A draft, from the first step of the form.
insert into onboarding.registrations (business_id, id, entity_type, name, name_key,
  name_reserved_until, area_code, industry_code, scope, capital_fen, staff_count, private,
  created_at)
values (:business_id, :id, :entity_type, :name, :name_key, :name_reserved_until, :area_code,
  :industry_code, :scope, :capital_fen, :staff_count, :private, :now);

-- name: registration
-- One registration as stored.
select id, state, version, entity_type, name, name_key, area_code, industry_code, scope,
  capital_fen, staff_count, private, uscc, licence_number, registered_on, refused_code,
  name_reserved_until, signed_version, submitted_at, created_at
from onboarding.registrations where business_id = :business_id and id = :id;

-- name: lock_registration
-- One registration, kept from others until this work ends.
select id, state, version, entity_type, name, name_key, area_code, industry_code, scope,
  capital_fen, staff_count, private, uscc, licence_number, registered_on, refused_code,
  name_reserved_until, signed_version, submitted_at, created_at
from onboarding.registrations where business_id = :business_id and id = :id for no key update;

-- name: registrations
-- A firm has few: drafts given up, one that holds.
select id, state, version, entity_type, name, name_key, area_code, industry_code, scope,
  capital_fen, staff_count, private, uscc, licence_number, registered_on, refused_code,
  name_reserved_until, signed_version, submitted_at, created_at
from onboarding.registrations where business_id = :business_id order by id desc limit 50;

-- name: edit_registration
-- The whole form again, as its editor saw it.
update onboarding.registrations
set version = version + 1, entity_type = :entity_type, name = :name, name_key = :name_key,
    name_reserved_until = :name_reserved_until, area_code = :area_code,
    industry_code = :industry_code, scope = :scope, capital_fen = :capital_fen,
    staff_count = :staff_count, private = :private
where business_id = :business_id and id = :id;

-- name: submit_registration
-- The form leaves the owner's hands, as it was signed.
update onboarding.registrations
set state = 'submitted', signed_version = version, version = version + 1, submitted_at = :now
where business_id = :business_id and id = :id;

-- name: mark_registered
-- The registry's licence.
update onboarding.registrations
set state = 'registered', version = version + 1, name = :name, uscc = :uscc,
    licence_number = :licence_number, registered_on = :registered_on
where business_id = :business_id and id = :id;

-- name: mark_refused
-- The registry said no, and by which of its rules.
update onboarding.registrations
set state = 'refused', version = version + 1, refused_code = :refused_code
where business_id = :business_id and id = :id;

-- name: mark_withdrawn
-- The owner gives the form up.
update onboarding.registrations set state = 'withdrawn', version = version + 1
where business_id = :business_id and id = :id;

-- name: set_reserved_until
-- The name is kept longer.
update onboarding.registrations set name_reserved_until = :name_reserved_until
where business_id = :business_id and id = :id;

-- name: add_reference
-- So that whoever names the object finds its firm.
insert into onboarding.firm_references (object_id, business_id)
values (:object_id, :business_id) on conflict (object_id) do nothing;

-- name: whose
-- The firm of an object that is named by its id alone.
select business_id from onboarding.firm_references where object_id = :object_id;

-- name: registered_one
-- The registration by which the firm came to be, if it was ours.
select id, state, version, entity_type, name, name_key, area_code, industry_code, scope,
  capital_fen, staff_count, private, uscc, licence_number, registered_on, refused_code,
  name_reserved_until, signed_version, submitted_at, created_at
from onboarding.registrations where business_id = :business_id and state = 'registered';
