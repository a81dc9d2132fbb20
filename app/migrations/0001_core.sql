-- migrate:up
-- Runs as `migrator`, whose sessions act as `owner`; the roles themselves are made by app/database.py.

create schema core;
grant usage on schema core to app, portal, desk, worker, nightly, verify, lane, ledger_owner;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;

-- Who acts, as the session says; '' after a first SET LOCAL means nobody.
create function core.business() returns uuid language sql stable
  return nullif(current_setting('app.business', true), '')::uuid;
create function core.person() returns uuid language sql stable
  return nullif(current_setting('app.person', true), '')::uuid;
create function core.client() returns uuid language sql stable
  return nullif(current_setting('app.client', true), '')::uuid;
create function core.staff() returns uuid language sql stable
  return nullif(current_setting('app.staff', true), '')::uuid;
create function core.principal() returns text language sql stable
  return coalesce('person:' || core.person()::text, 'staff:' || core.staff()::text,
                  'client:' || core.client()::text, 'anonymous');

-- Every table is in one class (docs/architecture.md): how it would be placed on several machines.
create table core.table_class (
  table_name text primary key,
  class text not null,
  constraint class_is_known check (class in ('firm', 'person', 'directory', 'reference', 'local'))
);
grant select on core.table_class to verify;

create function core.tenant_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'firm');
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant on %s to app, worker using (business_id = core.business())'
                 ' with check (business_id = core.business())', t);
  execute format('create policy owner_maintains on %s to owner using (true) with check (true)', t);
  execute format('create policy verify_reads on %s for select to verify using (true)', t);
  execute format('grant select, insert, update on %s to app, worker', t);
  execute format('grant select on %s to verify', t);
end $$;

create function core.person_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'person');
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy own on %s to app, worker using (person_id = core.person())'
                 ' with check (person_id = core.person())', t);
  execute format('create policy owner_maintains on %s to owner using (true) with check (true)', t);
  execute format('create policy verify_reads on %s for select to verify using (true)', t);
  execute format('grant select, insert, update on %s to app, worker', t);
  execute format('grant select on %s to verify', t);
end $$;

create function core.desk_reads(t regclass) returns void language plpgsql as $$
begin
  execute format('create policy desk_reads on %s for select to desk'
                 ' using (core.staff() is not null)', t);
  execute format('grant select on %s to desk', t);
end $$;

create function core.desk_works(t regclass) returns void language plpgsql as $$
begin
  -- Staff see every firm's case, and write only in the one they have opened.
  execute format('create policy desk_works on %s to desk using (core.staff() is not null)'
                 ' with check (core.staff() is not null and business_id = core.business())', t);
  execute format('grant select, insert, update on %s to desk', t);
end $$;

create function core.portal_works(t regclass) returns void language plpgsql as $$
begin
  execute format('create policy portal_works on %s to portal using (client_id = core.client())'
                 ' with check (client_id = core.client())', t);
  execute format('grant select, insert, update on %s to portal', t);
end $$;

create function core.directory_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'directory');
  execute format('grant select, insert, update on %s to app, portal, desk, worker', t);
  execute format('grant select on %s to verify', t);
end $$;

create function core.reference_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'reference');
  execute format('grant select on %s to app, portal, desk, worker, nightly, verify', t);
end $$;

create function core.local_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'local');
  execute format('grant select, insert, update, delete on %s to worker', t);
  execute format('grant select, insert, update on %s to app', t);
  execute format('grant select on %s to verify', t);
end $$;

-- Business time = real time + this offset; only development ever moves it, forward.
create table core.clock (
  one boolean primary key default true,
  ahead interval not null default '0',
  constraint there_is_one_clock check (one)
);
insert into core.clock default values;
select core.reference_table('core.clock');
create function core.move_clock(p_ahead interval) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update core.clock set ahead = p_ahead where p_ahead >= ahead;
  if not found then
    raise exception 'business time moves forward only' using errcode = 'XW001';
  end if;
end $$;
revoke execute on function core.move_clock from public;
grant execute on function core.move_clock to app;

-- Outbox: what happened, in the transaction that made it happen.
create table core.outbox (
  id uuid primary key,
  name text not null,
  business_id uuid,
  actor text not null,
  payload jsonb not null,
  at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  relayed_at timestamptz
);
create index outbox_waiting on core.outbox (created_at, id) where relayed_at is null;
insert into core.table_class values ('core.outbox', 'local');
grant insert on core.outbox to app, portal, desk, worker;
grant select, update, delete on core.outbox to worker;
grant select on core.outbox to verify;

-- Jobs: PostgreSQL owns them; arq only rings.
create table core.jobs (
  id uuid primary key,
  event_id uuid,
  job text not null,
  business_id uuid,
  payload jsonb not null,
  state text not null default 'due',
  attempts int not null default 0,
  next_at timestamptz not null default clock_timestamp(),
  lease_no int not null default 0,
  leased_until timestamptz,
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint one_job_per_event_and_reaction unique (event_id, job),
  constraint job_state_is_known check (state in ('due', 'running', 'done', 'parked'))
);
create index jobs_waiting on core.jobs (next_at, id) where state in ('due', 'running');
create index jobs_parked on core.jobs (job) where state = 'parked';
insert into core.table_class values ('core.jobs', 'local');
grant select, insert, update, delete on core.jobs to worker;
grant select on core.jobs to app, desk, verify;

-- The clock table's memory: a scheduled job fires once per business date.
create table core.ticks (
  job text not null,
  business_on date not null,
  fired_at timestamptz not null default clock_timestamp(),
  primary key (job, business_on)
);
insert into core.table_class values ('core.ticks', 'local');
grant select, insert on core.ticks to worker;
grant select on core.ticks to app, verify;

-- First answers of idempotent calls.
create table core.idempotency (
  business_id uuid not null,
  principal text not null,
  route text not null,
  key text not null collate "C",
  fingerprint bytea not null,
  status int not null,
  body bytea not null,
  media_type text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (business_id, principal, route, key)
);
alter table core.idempotency enable row level security;
alter table core.idempotency force row level security;
create policy own_keys on core.idempotency to app, portal, desk
  using (principal = core.principal()) with check (principal = core.principal());
create policy worker_prunes on core.idempotency to worker using (true);
insert into core.table_class values ('core.idempotency', 'local');
grant select, insert on core.idempotency to app, portal, desk;
grant select, delete on core.idempotency to worker;

-- Audit: appended plainly, chained by the sealer.
create table core.audit (
  id uuid primary key,
  business_id uuid,
  actor text not null,
  action text not null,
  object_id uuid,
  at timestamptz not null,
  body bytea not null,
  written_xid xid8 not null default pg_current_xact_id()
);
create index audit_by_business on core.audit (business_id, at);
create index audit_unsealed on core.audit (written_xid, id);
insert into core.table_class values ('core.audit', 'local');
alter table core.audit enable row level security;
alter table core.audit force row level security;
create policy append on core.audit for insert to app, portal, desk, worker with check (true);
create policy own on core.audit for select to app using (business_id = core.business());
create policy all_read on core.audit for select to worker, verify, desk using (true);
grant insert on core.audit to app, portal, desk, worker;
grant select on core.audit to app, desk, worker, verify;

create table core.audit_seals (
  seq bigint primary key,
  row_id uuid not null unique,
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null default clock_timestamp()
);
insert into core.table_class values ('core.audit_seals', 'local');
grant select, insert on core.audit_seals to worker;
grant select on core.audit_seals to verify;

create function core.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'XW002';
end $$;
create trigger audit_is_append_only before update or delete on core.audit
  for each row execute function core.refuse_change();
create trigger audit_is_never_emptied before truncate on core.audit
  for each statement execute function core.refuse_change();
create trigger seals_are_append_only before update or delete on core.audit_seals
  for each row execute function core.refuse_change();
create trigger seals_are_never_emptied before truncate on core.audit_seals
  for each statement execute function core.refuse_change();

-- Live progress: rows are the truth, Redis only wakes.
create table core.progress (
  business_id uuid not null,
  stream_id uuid not null,
  seq int not null,
  event text not null,
  facts jsonb not null,
  at timestamptz not null,
  primary key (business_id, stream_id, seq)
);
select core.tenant_table('core.progress');
select core.desk_works('core.progress');
grant select, insert on core.progress to portal;

-- migrate:down
-- forward only
