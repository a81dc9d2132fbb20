-- name: declare_name
-- Speak for a name until the reservation ends; nothing comes back when somebody else has it.
select reserved_until from onboarding.declare_name(
  :authority, :name_key, :name, :trade_name, :industry, :sound, :reserved_until, :today::date
);

-- name: names_taken
-- Which of these names somebody has in that place at this moment.
select name_key from onboarding.declared_names
where authority = :authority and name_key = any(:name_keys::text[])
  and business_id <> :asker::uuid
  and (reserved_until is null or reserved_until > :today::date);

-- name: names_alike
-- Names of the same place and industry that sound like this one, the most alike first.
select name, trade_name, sound, likeness_ppm from onboarding.names_alike(
  :authority, :industry, :sound, :name_key, :asker::uuid, :today::date
);

-- name: extend
-- Once, and only while the reservation still runs.
update onboarding.declared_names set reserved_until = :reserved_until, extended = true
where business_id = :business_id and authority = :authority and name_key = :name_key
  and not extended and reserved_until > :today::date;

-- name: let_go_of_name
-- The form has another name now, or was refused: the old one is free at once.
update onboarding.declared_names set reserved_until = :today::date
where business_id = :business_id and authority = :authority and name_key = :name_key
  and reserved_until is not null;

-- name: keep_name
-- The firm exists: its name is its own without an end.
update onboarding.declared_names set reserved_until = null
where business_id = :business_id and authority = :authority and name_key = :name_key;
