-- name: current_data_key
-- The key that seals for a scope; `settled` once its maker's transaction must have ended.
select key_id, scope, wrapped, made_at < clock_timestamp() - interval '2 minutes' as settled
from identity.data_keys where scope = :scope and retired_at is null;

-- name: data_key
-- The key a value was sealed with, current or retired.
select key_id, scope, wrapped, true as settled from identity.data_keys where key_id = :key_id;

-- name: add_data_key
-- First use of a scope; of two that race, one key stands and both then read it.
insert into identity.data_keys (key_id, scope, wrapped)
values (:key_id, :scope, :wrapped)
on conflict (scope) where retired_at is null do nothing;

-- name: add_business
-- A firm exists from the first step of its registration.
insert into identity.business_directory (business_id, name, state, founded_at)
values (:business_id, :name, 'forming', :now);

-- name: add_bank
-- The bank's own firm, once.
insert into identity.business_directory (business_id, uscc, name, state, founded_at)
values (:business_id, :uscc, :name, 'active', :now)
on conflict (business_id) do nothing;

-- name: lock_business
-- States change one at a time.
select business_id, name, uscc, state, founded_at, version from identity.business_directory
where business_id = :business_id for no key update;

-- name: find_business
-- What the whole bank may know of a firm.
select business_id, name, uscc, state, founded_at, version from identity.business_directory
where business_id = :business_id;

-- name: code_is_taken
-- Whether a credit code belongs to any firm of the bank, without saying whose.
select identity.code_is_taken(:uscc);

-- name: register_business
-- The registry's answer: the code belongs to this firm from now on.
update identity.business_directory
set uscc = :uscc, name = :name, state = 'registered', version = version + 1
where business_id = :business_id;

-- name: set_business_state
-- A step in the firm's life.
update identity.business_directory set state = :state, version = version + 1
where business_id = :business_id;

-- name: businesses_in_state
-- For jobs that are made per firm; a page at a time by the firm's id.
select business_id from identity.business_directory
where state = :state and business_id > :after order by business_id limit :limit;

-- name: add_member
-- The membership stays with the firm; a removed one is taken up again.
insert into identity.memberships as m
  (business_id, person_id, role, phone_sealed, invited_by, since_at)
values (:business_id, :member_id, :role, :phone_sealed, :person_id, :now)
on conflict (business_id, person_id) do update set
  role = excluded.role, state = 'active', phone_sealed = excluded.phone_sealed,
  invited_by = excluded.invited_by, since_at = excluded.since_at, version = m.version + 1
where m.state = 'removed';

-- name: point_to_business
-- Where to look for the person's memberships.
insert into identity.membership_directory (person_id, business_id)
values (:member_id, :business_id) on conflict do nothing;

-- name: lock_members
-- The rules on owners look at all members; the business's directory row is locked before.
select person_id, role, state, phone_sealed, since_at, version from identity.memberships
where business_id = :business_id order by person_id for no key update;

-- name: members
-- A firm has few members; the rules allow 200 at most.
select person_id, role, state, phone_sealed, since_at, version from identity.memberships
where business_id = :business_id and state = 'active' order by since_at, person_id limit 200;

-- name: change_role
-- Another role for a member.
update identity.memberships set role = :role, version = version + 1
where business_id = :business_id and person_id = :member_id;

-- name: remove_member
-- The row stays: it says who was a member.
update identity.memberships set state = 'removed', version = version + 1
where business_id = :business_id and person_id = :member_id;

-- name: role_in_business
-- The signed-in person's role in the firm that the request names.
select role from identity.memberships
where business_id = :business_id and person_id = :person_id and state = 'active';

-- name: places
-- The firms of the signed-in person; a function of the owner's that sees this person's rows only.
select business_id, name, state, role from identity.my_places();

-- name: person
-- The signed-in person's own row.
select phone_sealed, name_sealed, resident_id_sealed from identity.people
where person_id = :person_id;

-- name: name_person
-- Who the person is, once it has been said; the check of it is onboarding's. The blind index lets
-- two accounts of one human be told as one.
update identity.people set name_sealed = :name_sealed, resident_id_sealed = :resident_id_sealed,
       resident_index = :resident_index
where person_id = :person_id;
