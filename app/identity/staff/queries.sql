-- name: staff_by_username
-- Whoever may sign in under this name.
select id, password_hash, totp_sealed from identity.staff
where username = :username and state = 'active';

-- name: staff_place
-- Role and branch of a staff member in service.
select role, branch from identity.staff where id = :id and state = 'active';

-- name: staff_profile
-- The staff member signed in.
select id, username, name_sealed, role, branch, state from identity.staff where id = :id;

-- name: add_staff
-- A new member of staff; a name that is taken stays as it is.
insert into identity.staff
  (id, username, name_sealed, password_hash, totp_sealed, role, branch, made_at)
values (:id, :username, :name_sealed, :password_hash, :totp_sealed, :role, :branch, :now)
on conflict (username) do nothing;
