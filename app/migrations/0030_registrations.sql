-- migrate:up
-- Founding a firm: the one form, the offices' parts with their timelines, and names spoken for.

create schema onboarding;
grant usage on schema onboarding to app, portal, desk, worker, nightly, verify;

-- A name is compared within its registering authority by trade name and industry.
create table onboarding.declared_names (
  authority text not null,
  name_key text not null,
  name text not null,
  business_id uuid not null,
  reserved_until date,
  primary key (authority, name_key)
);
select core.directory_table('onboarding.declared_names');
alter table onboarding.declared_names enable row level security;
alter table onboarding.declared_names force row level security;
create policy anyone_sees_taken_names on onboarding.declared_names for select using (true);
create policy firm_changes_its_own on onboarding.declared_names for update to app, worker
  using (business_id = core.business()) with check (business_id = core.business());
create policy owner_maintains on onboarding.declared_names to owner using (true) with check (true);
revoke insert, update on onboarding.declared_names from portal, desk;
revoke insert on onboarding.declared_names from app, worker;

-- The one way to a name: nobody has it, or its reservation has lapsed. The row decides.
create function onboarding.declare_name(
  p_authority text, p_name_key text, p_name text, p_reserved_until date, p_today date
) returns setof onboarding.declared_names language sql
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into onboarding.declared_names as n
    (authority, name_key, name, business_id, reserved_until)
  values (p_authority, p_name_key, p_name, core.business(), p_reserved_until)
  on conflict (authority, name_key) do update
    set name = excluded.name, business_id = excluded.business_id,
        reserved_until = excluded.reserved_until
    where (n.business_id = excluded.business_id and n.reserved_until is not null)
       or n.reserved_until <= p_today
  returning *;
end;
revoke execute on function onboarding.declare_name from public;
grant execute on function onboarding.declare_name to app, worker;

-- Whose object an id is: call-backs, the desk and portals name an object without its firm.
create table onboarding.firm_references (
  object_id uuid primary key,
  business_id uuid not null
);
select core.directory_table('onboarding.firm_references');
revoke update on onboarding.firm_references from app, portal, desk, worker;

create table onboarding.registrations (
  business_id uuid not null,
  id uuid not null,
  state text not null default 'draft',
  version int not null default 1,
  entity_type text not null,
  name text not null,
  name_key text not null,
  name_reserved_until date not null,
  area_code text not null,
  industry_code text,
  scope text[] not null default '{}',
  capital_fen bigint not null default 0,
  staff_count int not null default 0,
  private bytea not null,
  uscc text,
  licence_number text,
  registered_on date,
  refused_code text,
  submitted_at timestamptz,
  created_at timestamptz not null,
  primary key (business_id, id),
  constraint registration_state_is_known
    check (state in ('draft', 'submitted', 'registered', 'refused', 'withdrawn')),
  constraint capital_is_not_negative check (capital_fen between 0 and 1000000000000000),
  constraint a_registered_firm_has_its_licence check ((state = 'registered')
    = (uscc is not null and licence_number is not null and registered_on is not null)),
  constraint a_submitted_form_has_its_moment check (state = 'draft' or submitted_at is not null
    or state = 'withdrawn')
);
create unique index one_registration_under_way on onboarding.registrations (business_id)
  where state in ('draft', 'submitted', 'registered');
select core.tenant_table('onboarding.registrations');
select core.desk_reads('onboarding.registrations');

create table onboarding.registration_parts (
  business_id uuid not null,
  registration_id uuid not null,
  part text not null,
  state text not null default 'waiting',
  due_at timestamptz,
  number text,
  changed_at timestamptz not null,
  primary key (business_id, registration_id, part),
  constraint a_part_belongs_to_a_registration foreign key (business_id, registration_id)
    references onboarding.registrations (business_id, id),
  constraint part_is_known check (part in
    ('licence', 'seals', 'tax', 'social_insurance', 'housing_fund', 'bank')),
  constraint part_state_is_known check (state in ('waiting', 'asked', 'done', 'failed'))
);
select core.tenant_table('onboarding.registration_parts');

create table onboarding.registration_turns (
  business_id uuid not null,
  id uuid not null,
  registration_id uuid not null,
  part text not null,
  state text not null,
  note text not null,
  at timestamptz not null,
  primary key (business_id, id),
  constraint a_turn_belongs_to_a_part foreign key (business_id, registration_id, part)
    references onboarding.registration_parts (business_id, registration_id, part)
);
create index turns_of_a_registration on onboarding.registration_turns
  (business_id, registration_id, id);
select core.tenant_table('onboarding.registration_turns');
create trigger turns_are_append_only before update or delete on onboarding.registration_turns
  for each row execute function core.refuse_change();

-- migrate:down
-- forward only
