-- migrate:up
-- Who may act, and for whom: people, sessions, businesses, memberships, staff, API clients, and
-- the data keys under which everyone's personal fields are sealed.

create schema identity;
grant usage on schema identity to app, portal, desk, worker, nightly, verify, lane;

-- Data keys, wrapped by the master key: one current key per business or person.
create table identity.data_keys (
  key_id uuid primary key,
  scope uuid not null,
  wrapped bytea not null,
  made_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz
);
create unique index one_current_key_per_scope on identity.data_keys (scope)
  where retired_at is null;
select core.directory_table('identity.data_keys');
revoke update on identity.data_keys from app, portal, desk, worker;

-- Bank-wide: whose phone this is, without the phone.
create table identity.phone_directory (
  phone_index bytea primary key,
  person_id uuid not null unique,
  bound_at timestamptz not null default clock_timestamp()
);
select core.directory_table('identity.phone_directory');
revoke update on identity.phone_directory from app, portal, desk, worker;

create table identity.people (
  person_id uuid primary key,
  phone_sealed bytea not null,
  name_sealed bytea,
  resident_id_sealed bytea,
  made_at timestamptz not null,
  constraint a_name_comes_with_its_number
    check ((name_sealed is null) = (resident_id_sealed is null))
);
select core.person_table('identity.people');

-- One sign-in on one device; `generation` counts the rotations of its refresh token.
create table identity.sessions (
  person_id uuid not null,
  id uuid not null,
  door text not null,
  device text not null,
  salt bytea not null,
  generation int not null default 1,
  state text not null default 'active',
  started_at timestamptz not null,
  rotated_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  ended_because text,
  primary key (person_id, id),
  constraint door_is_known check (door in ('person', 'staff')),
  constraint session_state_is_known check (state in ('active', 'ended')),
  constraint an_ended_session_says_why
    check ((state = 'ended') = (ended_at is not null and ended_because is not null))
);
select core.person_table('identity.sessions');
-- The bank's staff are keyed by their staff id and reach their own sessions only.
create policy staff_own on identity.sessions to desk
  using (door = 'staff' and person_id = core.staff())
  with check (door = 'staff' and person_id = core.staff());
grant select, insert, update on identity.sessions to desk;
create function identity.ended_stays_ended() returns trigger language plpgsql as $$
begin
  if old.state = 'ended' and new.state <> 'ended' then
    raise exception 'an ended session does not come back' using errcode = 'XW010';
  end if;
  return new;
end $$;
create trigger an_ended_session_stays_ended before update on identity.sessions
  for each row execute function identity.ended_stays_ended();

-- What every process must hear within a second: ended sessions, changed memberships.
create table identity.revocations (
  id uuid primary key,
  kind text not null,
  subject_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  constraint revocation_kind_is_known check (kind in ('session', 'person', 'client'))
);
create index revocations_by_moment on identity.revocations (at);
select core.local_table('identity.revocations');
revoke update on identity.revocations from app, worker;
grant select, insert on identity.revocations to desk;
grant select on identity.revocations to portal;

-- Sign-in codes on their way to a phone and back; deleted when expired.
create table identity.phone_codes (
  id uuid primary key,
  phone_index bytea not null,
  phone_sealed bytea,
  code_sealed bytea,
  code_check bytea not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index phone_codes_by_phone on identity.phone_codes (phone_index, made_at);
create index phone_codes_by_expiry on identity.phone_codes (expires_at);
select core.local_table('identity.phone_codes');

-- Attempts counted in windows: codes asked for, codes tried, passwords tried.
create table identity.attempts (
  kind text not null,
  subject bytea not null,
  count int not null,
  since timestamptz not null,
  primary key (kind, subject)
);
create index attempts_by_age on identity.attempts (since);
select core.local_table('identity.attempts');
grant select, insert, update on identity.attempts to desk, portal;

-- Values that count once: a client's assertion, a signature's nonce, a staff member's code.
create table identity.used_once (
  kind text not null,
  subject_id uuid not null,
  value text not null,
  expires_at timestamptz not null,
  primary key (kind, subject_id, value)
);
create index used_once_by_expiry on identity.used_once (expires_at);
select core.local_table('identity.used_once');
revoke update on identity.used_once from app, worker;
grant select, insert on identity.used_once to desk, portal;

-- Bank-wide facts of every firm; a credit code belongs to one firm.
create table identity.business_directory (
  business_id uuid primary key,
  uscc text unique,
  name text not null,
  state text not null,
  founded_at timestamptz not null,
  version int not null default 1,
  constraint business_state_is_known
    check (state in ('forming', 'registered', 'active', 'closed')),
  constraint a_registered_business_has_its_code
    check (state in ('forming', 'closed') or uscc is not null)
);
select core.directory_table('identity.business_directory');
alter table identity.business_directory enable row level security;
alter table identity.business_directory force row level security;
create policy anyone_reads on identity.business_directory for select using (true);
create policy firm_writes_its_own on identity.business_directory to app, worker
  using (business_id = core.business()) with check (business_id = core.business());
create policy desk_writes on identity.business_directory to desk
  using (core.staff() is not null) with check (core.staff() is not null);
create policy owner_maintains on identity.business_directory to owner
  using (true) with check (true);
revoke insert, update on identity.business_directory from portal;
create index business_directory_by_state on identity.business_directory (state, business_id);

create table identity.memberships (
  business_id uuid not null,
  person_id uuid not null,
  role text not null,
  state text not null default 'active',
  phone_sealed bytea not null,
  invited_by uuid not null,
  since_at timestamptz not null,
  version int not null default 1,
  primary key (business_id, person_id),
  constraint role_is_known
    check (role in ('owner', 'finance', 'maker', 'checker', 'accountant', 'employee')),
  constraint membership_state_is_known check (state in ('active', 'removed'))
);
select core.tenant_table('identity.memberships');
select core.desk_reads('identity.memberships');
-- Where to look for a person's memberships; the membership itself stays with the firm.
create table identity.membership_directory (
  person_id uuid not null,
  business_id uuid not null,
  primary key (person_id, business_id)
);
select core.directory_table('identity.membership_directory');
revoke update on identity.membership_directory from app, portal, desk, worker;
revoke insert on identity.membership_directory from portal, desk;
alter table identity.membership_directory enable row level security;
alter table identity.membership_directory force row level security;
create policy anyone_reads on identity.membership_directory for select using (true);
create policy firm_writes_its_own on identity.membership_directory for insert to app, worker
  with check (business_id = core.business());
create policy owner_maintains on identity.membership_directory to owner
  using (true) with check (true);

-- In which firms the signed-in person is: nobody else's, whichever firm the session has chosen.
create function identity.my_places()
  returns table (business_id uuid, name text, state text, role text)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.business_id, b.name, b.state, m.role
  from identity.membership_directory d
  join identity.memberships m on m.business_id = d.business_id and m.person_id = d.person_id
  join identity.business_directory b on b.business_id = d.business_id
  where d.person_id = core.person() and m.state = 'active'
  order by b.founded_at, b.business_id limit 200
$$;
revoke execute on function identity.my_places from public;
grant execute on function identity.my_places to app;

-- The bank's own people.
create table identity.staff (
  id uuid primary key,
  username text not null unique,
  name_sealed bytea not null,
  password_hash text not null,
  totp_sealed bytea not null,
  role text not null,
  branch text not null,
  state text not null default 'active',
  made_at timestamptz not null,
  constraint staff_role_is_known check (role in ('reviewer', 'teller', 'operator', 'supervisor')),
  constraint staff_state_is_known check (state in ('active', 'left'))
);
insert into core.table_class values ('identity.staff', 'directory');
grant select, insert, update on identity.staff to desk;
grant select (id, role, branch, state) on identity.staff to worker, verify;

-- Programs of others: government portals, partners.
create table identity.clients (
  client_id uuid primary key,
  name text not null,
  jwks jsonb not null,
  scopes text[] not null,
  state text not null default 'active',
  made_at timestamptz not null,
  constraint client_state_is_known check (state in ('active', 'suspended')),
  constraint client_has_keys check (jsonb_array_length(jwks -> 'keys') between 1 and 8)
);
insert into core.table_class values ('identity.clients', 'directory');
grant select on identity.clients to app, portal, worker, verify;
grant select, insert, update on identity.clients to desk;
grant update (jwks) on identity.clients to portal;
alter table identity.clients enable row level security;
alter table identity.clients force row level security;
create policy anyone_reads on identity.clients for select using (true);
create policy client_changes_its_own on identity.clients for update to portal
  using (client_id = core.client()) with check (client_id = core.client());
create policy desk_works on identity.clients to desk using (true) with check (true);
create policy owner_maintains on identity.clients to owner using (true) with check (true);

-- migrate:down
-- forward only
