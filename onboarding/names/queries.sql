-- name: declare_name
-- Speak for a name until the reservation ends; nothing comes back when somebody else has it.
select name from onboarding.declare_name(
  :authority, :name_key, :name, :reserved_until, :today::date
);

-- name: names_taken
-- Which of these names somebody has in that place at this moment.
select name_key from onboarding.declared_names
where authority = :authority and name_key = any(:name_keys::text[])
  and business_id <> :asker::uuid
  and (reserved_until is null or reserved_until > :today::date);

-- name: let_go_of_name
-- The form has another name now, or was refused: the old one is free at once.
update onboarding.declared_names set reserved_until = :today::date
where business_id = :business_id and authority = :authority and name_key = :name_key
  and reserved_until is not null;

-- name: keep_name
-- The firm exists: its name is its own without an end.
update onboarding.declared_names set reserved_until = null
where business_id = :business_id and authority = :authority and name_key = :name_key;
